"""Entry point of `python -m publish`."""

from warehouse.installation import program_imports

with program_imports("publish"):
    from publish.cli import program

if __name__ == "__main__":
    program(prog_name="python -m publish")
