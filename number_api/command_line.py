"""The command line: extract a number here and now, or serve the API."""

import click

from number_api.errors import InvalidNumberError
from number_api.numbers.number_set import NumberSet, parse_number


class _NumberOrCommand(click.Group):
    """A group in which anything that is no command is the number to extract."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            args = ["extract", *args]
        return super().resolve_command(ctx, args)


# Without ignore_unknown_options, -5 would be refused as an unknown option, not as a number.
_NUMBER_ARGUMENTS = {"ignore_unknown_options": True}


@click.group(cls=_NumberOrCommand, context_settings=_NUMBER_ARGUMENTS)
def main() -> None:
    """Find the missing one of the first 100 natural numbers.

    `python -m number_api 42` extracts 42 from a fresh set and prints the number that the sum formula finds missing.
    """


@main.command(context_settings=_NUMBER_ARGUMENTS)
@click.argument("number")
def extract(number: str) -> None:
    """Extract NUMBER from a fresh set and print the number found missing."""
    numbers = NumberSet()
    try:
        numbers.extract(parse_number(number))
    except InvalidNumberError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"The missing number is {numbers.find_missing_number()}")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="TCP port to listen on.")
def serve(host: str, port: int) -> None:
    """Serve the API until a signal stops it."""
    # Imported here because it takes longer than everything else a person waits for.
    from granian.constants import Interfaces
    from granian.server import Server

    Server(
        "number_api.app:create_app", address=host, port=port, interface=Interfaces.ASGI, factory=True, websockets=False
    ).serve()
