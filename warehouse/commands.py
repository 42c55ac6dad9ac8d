"""What the command lines of the packages have in common."""

import json
from typing import Any

import click

from warehouse.errors import WarehouseError

json_option = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
quiet_option = click.option("--quiet", is_flag=True, help="Do not show progress.")


class _OneLineErrors(click.Command):
    def invoke(self, context: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the command and show an error of this project as one line."""
        try:
            return super().invoke(context)
        except WarehouseError as error:
            failure = click.ClickException(str(error))
            failure.exit_code = error.exit_code  # type: ignore[misc]
            raise failure from None


class Command(_OneLineErrors):
    """A command whose errors are one line and an exit code."""


class Group(_OneLineErrors, click.Group):
    """A group of commands whose errors are one line and an exit code."""


def print_json(figures: dict[str, Any]) -> None:
    """Print figures for machines."""
    click.echo(json.dumps(figures, indent=2, default=str))
