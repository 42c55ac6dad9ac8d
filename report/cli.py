"""The command line: parses, calls, prints."""

import shutil
import sys
from pathlib import Path

import click

from report.errors import ReportError

OUTPUT = Path("exports", "report.html")

_FILE: click.Path = click.Path(dir_okay=False, path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--output", type=_FILE, default=OUTPUT, show_default=True, help="The page.")
@click.option("--text", is_flag=True, help="Print the figures instead; write no page.")
def program(*, output: Path, text: bool) -> None:
    """Show what the warehouse holds.

    Writes one HTML page that needs nothing but a browser, and prints its path. All figures are of one moment.

    The variables PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE … name the server. With none of them set, it is the
    PostgreSQL that `make run` starts.
    """
    try:
        if text:
            _print_text()
        else:
            click.echo(_write_page(output))
    except ReportError as error:
        raise click.ClickException(str(error)) from None


def _write_page(output: Path) -> Path:
    from report.database import snapshot
    from report.figures import read_figures
    from report.files import write_atomically
    from report.page import render_page

    with snapshot() as warehouse:
        figures = read_figures(warehouse)
    write_atomically(output, render_page(figures))
    return output


def _print_text() -> None:
    from report.database import snapshot
    from report.figures import read_figures
    from report.terminal import render_text

    with snapshot() as warehouse:
        figures = read_figures(warehouse)
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else None
    encoding = sys.stdout.encoding or "ascii"
    text = render_text(figures, width=width, is_terminal=is_terminal, encoding=encoding)
    click.echo(text, nl=False, color=is_terminal)
