"""Entry point of `python -m refresh`."""

from warehouse.installation import program_imports

with program_imports("refresh"):
    from refresh.cli import program

if __name__ == "__main__":
    program(prog_name="python -m refresh")
