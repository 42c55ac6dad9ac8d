"""Entry point of `python -m transform`."""

from warehouse.installation import exit_without_packages

try:
    from transform.cli import program
except ModuleNotFoundError as error:
    exit_without_packages(error, "transform")

if __name__ == "__main__":
    program(prog_name="python -m transform")
