"""The command line: parses arguments, publishes and prints the report."""

import click

from publish.errors import MissingLibraryError
from publish.render import print_report, table_progress
from publish.settings import Settings
from warehouse.commands import Command, json_option, print_json, quiet_option


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("url", required=False)
@click.option("--schema", default="analytics", show_default=True, help="Schema of the marts.")
@json_option
@quiet_option
def program(*, url: str | None, schema: str, as_json: bool, quiet: bool) -> None:
    """Publish the marts to another database: companies, charges and daily_transaction_summary.

    URL is the target, as a SQLAlchemy URL: mysql+pymysql://USER@HOST/DATABASE for MySQL and MariaDB,
    postgresql://USER@HOST/DATABASE, or sqlite:///exports/marts.db. If it has a password, put it into the variable
    PUBLISH_URL, or into a file that PUBLISH_URL_FILE names. Only rows that differ are written. Readers of the target
    see either the old state or the new one.

    The variables PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE … select the warehouse. If none of them is set, the
    embedded PostgreSQL under this directory is used.

    Exit codes: 1 if nothing was published, 2 if the URL cannot be used.
    """
    text = url or Settings.from_environment().required_url()
    try:
        from publish.publishing import publish
        from publish.target import parsed_url
    except ModuleNotFoundError as error:
        raise MissingLibraryError(f"The library {error.name!r} is not installed: run `make publish`.") from None

    target = parsed_url(text, may_hold_password=url is None)
    with table_progress(quiet=quiet) as on_progress:
        report = publish(
            target,
            schema,
            on_progress=on_progress,
            on_wait=lambda: click.echo("Another publish is running; waiting for it to finish.", err=True),
        )
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report)
