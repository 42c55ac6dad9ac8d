"""Entry point of `python -m refresh`."""

from refresh.cli import program

if __name__ == "__main__":
    program(prog_name="python -m refresh")
