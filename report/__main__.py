"""Entry point of `python -m report`."""

from report.cli import program

if __name__ == "__main__":
    program(prog_name="python -m report")
