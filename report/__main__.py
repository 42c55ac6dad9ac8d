"""Entry point of `python -m report`."""

from warehouse.installation import exit_without_packages

try:
    from report.cli import program
except ModuleNotFoundError as error:
    exit_without_packages(error, "report")

if __name__ == "__main__":
    program(prog_name="python -m report")
