"""Entry point of `python -m transform`."""

from warehouse.installation import program_imports

with program_imports("transform"):
    from transform.cli import program

if __name__ == "__main__":
    program(prog_name="python -m transform")
