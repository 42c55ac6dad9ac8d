"""The command line: parses arguments, builds the models and prints what came of it."""

import signal
import sys
from pathlib import Path

import click

from transform.build import LOG, PROJECT, build_models, build_verbosely
from transform.errors import LogError
from transform.outcome import describe
from transform.progress import progress
from warehouse.commands import Command
from warehouse.connection import default_conninfo
from warehouse.signals import exit_code


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--verbose", is_flag=True, envvar="VERBOSE", help="Print all that dbt says instead.  [env: VERBOSE=1]")
@click.option(
    "--log-path",
    type=click.Path(file_okay=False, path_type=Path),
    default=PROJECT / "logs",
    envvar="DBT_LOG_PATH",
    help="Directory of dbt's log.  [default: dbt_project/logs; env: DBT_LOG_PATH]",
)
def program(*, verbose: bool, log_path: Path) -> None:
    """Build and test the models with dbt, and say what was built, what was checked, and what failed and why.

    Like `dbt build --project-dir dbt_project --exclude-resource-type unit_test`, in a few lines.
    Exit codes: 1 if a model or a test fails, or dbt cannot start; 2 if a variable has no usable value; 130 if
    interrupted.

    The variables PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE … select the server. If none of them is set, an
    embedded PostgreSQL is started under this directory.
    """
    log = log_path / LOG
    _require_writable(log)
    default_conninfo()
    try:
        if verbose:
            sys.exit(0 if build_verbosely(log_path) else 1)
        with progress("Building the models") as on_event:
            outcome = build_models(log_path, on_event)
    except KeyboardInterrupt:
        click.echo("Interrupted. Run the same command again to continue.", err=True)
        sys.exit(exit_code(signal.SIGINT))
    for line in describe(outcome):
        click.secho(line.text, fg=line.color, bold=line.is_bold)
    click.echo(f"  dbt's log: {log.relative_to(Path.cwd()) if log.is_relative_to(Path.cwd()) else log}")
    sys.exit(0 if outcome else 1)


def _require_writable(log: Path) -> None:
    """Refuse a log that cannot be written: dbt would say where it is nevertheless."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.open("a").close()
    except OSError as error:
        raise LogError(
            f"dbt cannot write its log {log}: {error.strerror or error}. Choose another --log-path."
        ) from None
