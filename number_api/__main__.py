"""`python -m number_api`."""

from number_api.cli import program

if __name__ == "__main__":
    program(prog_name="python -m number_api")
