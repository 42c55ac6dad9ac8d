"""The command line: parses arguments, and runs or tests what runs depend on."""

import sys
from pathlib import Path

import click

from refresh.alerts import TEST, deliver, has_outlet
from refresh.errors import AlertError
from refresh.run import refresh
from refresh.settings import Settings
from refresh.steps import EXTRACT, FRESHNESS, REPORT
from warehouse.commands import Group

_FOLDER: click.Path = click.Path(file_okay=False, path_type=Path)


@click.group(cls=Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--folder", type=_FOLDER, default=Path("data"), show_default=True, help="Where files are dropped.")
@click.option(
    "--without",
    type=click.Choice([FRESHNESS, EXTRACT, REPORT]),
    multiple=True,
    help="Step to leave out; may be repeated.",
)
@click.pass_context
def program(context: click.Context, *, folder: Path, without: tuple[str, ...]) -> None:
    """Bring the warehouse up to date: load the folder, build, test, check freshness, extract, report.

    For a timer: one run at a time, failed steps are tried again, each new problem is told once, and the run is recorded
    in raw.runs. The variables REFRESH_... and PG... are described in docs/operations.md.

    Exit codes: 0 if nothing failed or another run is in progress, 1 if something failed.
    """
    if context.invoked_subcommand is None:
        sys.exit(refresh(folder, Settings.from_environment(), without=without, say=_say))


@program.command("test-alert")
def test_alert() -> None:
    """Send an alert, to see whether it arrives."""
    settings = Settings.from_environment()
    if not has_outlet(settings):
        raise AlertError("No alert is set up: set REFRESH_ALERT_COMMAND or REFRESH_ALERT_WEBHOOK.")
    deliver([TEST], "", settings)
    click.echo("The alert was delivered.")


def _say(line: str) -> None:
    """Write a line of the log, between those that the programs write to the same stream."""
    click.echo(line, err=True)
