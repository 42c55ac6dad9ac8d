"""Entry point of `python -m ingest`."""

from warehouse.installation import program_imports

with program_imports("ingest"):
    from ingest.cli import program

if __name__ == "__main__":
    program(prog_name="python -m ingest")
