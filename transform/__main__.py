"""`python -m transform`."""

from transform.cli import program

if __name__ == "__main__":
    program(prog_name="python -m transform")
