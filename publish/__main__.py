"""Entry point of `python -m publish`."""

from warehouse.installation import exit_without_packages

try:
    from publish.cli import program
except ModuleNotFoundError as error:
    exit_without_packages(error, "publish")

if __name__ == "__main__":
    program(prog_name="python -m publish")
