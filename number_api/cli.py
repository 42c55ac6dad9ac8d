"""The command line: extract a number, serve the API, create API keys, describe the API."""

import json
from dataclasses import replace

import click

from number_api import API_VERSION
from number_api.access.api_keys import KeyScope, create_api_key
from number_api.errors import InvalidNumberError, NumberApiError
from number_api.numbers.number_set import NumberSet, parse_number
from number_api.settings import Settings


class _NumberOrCommand(click.Group):
    """A group in which anything that is no command is the number to extract."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # What begins with a letter is a misspelt command, not a number.
        if args[0] not in self.commands and not args[0].lstrip("-")[:1].isalpha():
            args = ["extract", *args]
        return super().resolve_command(ctx, args)


_HELP_OPTIONS = ["-h", "--help"]
# Without ignore_unknown_options, -5 would be refused as an unknown option, not as a number.
_NUMBER_ARGUMENTS = {"ignore_unknown_options": True, "help_option_names": _HELP_OPTIONS}


@click.group(cls=_NumberOrCommand, context_settings=_NUMBER_ARGUMENTS)
@click.version_option(API_VERSION, prog_name="number_api")
def program() -> None:
    """Find which of the first 100 natural numbers is missing.

    `python -m number_api 42` extracts 42 from a fresh set and prints the number that the sum formula finds missing.
    """


@program.command(context_settings=_NUMBER_ARGUMENTS)
@click.argument("number")
def extract(number: str) -> None:
    """Extract NUMBER from a fresh set and print the number found missing."""
    numbers = NumberSet()
    try:
        numbers.extract(parse_number(number))
    except InvalidNumberError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"The missing number is {numbers.find_missing_number()}")


@program.command(context_settings={"help_option_names": _HELP_OPTIONS})
@click.option("--host", help="Address to listen on.  [default: NUMBER_API_HOST, else 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="TCP port to listen on.  [default: NUMBER_API_PORT, else 8000]"
)
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Number of worker processes.  [default: NUMBER_API_WORKERS, else 1]"
)
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the API until a signal stops it.

    The settings are NUMBER_API_* variables; .env.example lists them.
    """
    try:
        settings = Settings.from_environment()
        # Granian and Litestar take ten times as long to import as all the rest.
        from number_api.server import run_server

        run_server(
            replace(
                settings,
                host=host or settings.host,
                port=port or settings.port,
                workers=workers or settings.workers,
            )
        )
    except NumberApiError as error:
        raise click.ClickException(str(error)) from error


@program.command(context_settings={"help_option_names": _HELP_OPTIONS})
@click.argument("name")
@click.argument("scopes", nargs=-1, required=True, type=click.Choice([scope.value for scope in KeyScope]))
def create_key(name: str, scopes: tuple[str, ...]) -> None:
    """Create an API key for NAME with SCOPES."""
    try:
        secret, api_key = create_api_key(name, frozenset(KeyScope(scope) for scope in scopes))
    except NumberApiError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"Secret for the client (shown only once):   {secret}")
    click.echo(f"Entry for NUMBER_API_KEYS or its file:    {api_key.entry()}")


@program.command(context_settings={"help_option_names": _HELP_OPTIONS})
def openapi() -> None:
    """Print the OpenAPI description for the current settings as JSON."""
    # As heavy as the service itself.
    from number_api.app import create_app

    try:
        description = create_app(Settings.from_environment()).openapi_schema.to_schema()
    except NumberApiError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(description, indent=4))
