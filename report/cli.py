"""The command line: parses, calls, prints."""

import sys
from pathlib import Path

import click

from report.errors import OutputError
from report.figures import Figures, read_figures
from report.page import render_page
from report.snapshot import MARTS, snapshot
from report.terminal import print_figures
from warehouse.errors import WarehouseError
from warehouse.files import written_atomically

_OUTPUT = Path("exports", "report.html")

_FILE: click.Path = click.Path(dir_okay=False, path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--output", type=_FILE, default=_OUTPUT, show_default=True, help="The page.")
@click.option("--schema", default=MARTS, show_default=True, help="The schema of the marts.")
@click.option("--text", is_flag=True, help="Print the figures, and write no page.")
def program(*, output: Path, schema: str, text: bool) -> None:
    """Show what the warehouse holds.

    Writes one HTML page that needs nothing but a browser, and prints its path. All its figures are of one moment.

    The variables PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE … name the server. With none of them set, it is the
    PostgreSQL that `make run` starts.
    """
    try:
        with snapshot(schema) as warehouse:
            figures = read_figures(warehouse)
        if text:
            print_figures(figures, sys.stdout)
        else:
            _write_page(figures, output)
            click.echo(output)
    except WarehouseError as error:
        raise click.ClickException(str(error)) from None


def _write_page(figures: Figures, output: Path) -> None:
    page = render_page(figures)
    try:
        with written_atomically(output) as file:
            file.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{output}: {error.strerror or error}. Choose another --output.") from None
