"""Entry point of `python -m report`."""

from warehouse.installation import program_imports

with program_imports("report"):
    from report.cli import program

if __name__ == "__main__":
    program(prog_name="python -m report")
