"""The command line: parses, calls, prints. What the work needs is imported when it is done, so `--help` is quick."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from report.database import MARTS, snapshot
from report.errors import ReportError

if TYPE_CHECKING:
    from report.figures import Figures

OUTPUT = Path("exports", "report.html")

_FILE: click.Path = click.Path(dir_okay=False, path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--output", type=_FILE, default=OUTPUT, show_default=True, help="The page.")
@click.option("--schema", default=MARTS, show_default=True, help="The schema of the marts.")
@click.option("--text", is_flag=True, help="Print the figures, and write no page.")
def program(*, output: Path, schema: str, text: bool) -> None:
    """Show what the warehouse holds.

    Writes one HTML page that needs nothing but a browser, and prints its path. All its figures are of one moment.

    The variables PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE … name the server. With none of them set, it is the
    PostgreSQL that `make run` starts.
    """
    try:
        figures = _figures(schema)
        if text:
            from report.terminal import print_figures

            print_figures(figures, sys.stdout)
        else:
            from report.files import write_atomically
            from report.page import render_page

            write_atomically(output, render_page(figures))
            click.echo(output)
    except ReportError as error:
        raise click.ClickException(str(error)) from None


def _figures(schema: str) -> "Figures":
    from report.figures import read_figures

    with snapshot(schema) as warehouse:
        return read_figures(warehouse)
