"""The command line: parses arguments, reads the figures and writes the report."""

import sys
from pathlib import Path

import click
from click.core import ParameterSource

from report.errors import OutputError
from report.figures import Figures, read_figures
from report.page import render_page
from report.snapshot import MARTS, snapshot
from report.terminal import print_figures
from warehouse.commands import Command
from warehouse.files import written_atomically

_OUTPUT = Path("exports", "report.html")

_FILE: click.Path = click.Path(dir_okay=False, path_type=Path)


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--output", type=_FILE, default=_OUTPUT, show_default=True, help="Output file.")
@click.option("--schema", default=MARTS, show_default=True, help="Schema of the marts.")
@click.option("--text", is_flag=True, help="Print the figures instead of writing a page.")
@click.pass_context
def program(context: click.Context, *, output: Path, schema: str, text: bool) -> None:
    """Report the contents of the warehouse.

    Writes one HTML page that needs only a browser, and prints its path. All figures come from a single snapshot.

    The variables PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE … select the server. If none of them is set, the report
    reads from the PostgreSQL that `make run` starts.
    """
    if text and context.get_parameter_source("output") is not ParameterSource.DEFAULT:
        raise click.UsageError("--text prints the figures and writes no page: omit --text or --output.")
    with snapshot(schema) as warehouse:
        figures = read_figures(warehouse)
    if text:
        print_figures(figures, sys.stdout)
    else:
        _write_page(figures, output)
        click.echo(output)


def _write_page(figures: Figures, output: Path) -> None:
    page = render_page(figures)
    try:
        with written_atomically(output) as file:
            file.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{output}: {error.strerror or error}. Choose another --output.") from None
