"""Entry point of `python -m refresh`."""

from warehouse.installation import exit_without_packages

try:
    from refresh.cli import program
except ModuleNotFoundError as error:
    exit_without_packages(error, "refresh")

if __name__ == "__main__":
    program(prog_name="python -m refresh")
