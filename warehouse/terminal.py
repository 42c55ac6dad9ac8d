"""Print for people: results on standard output, progress on standard error."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.table import Table
from rich.text import Text

from warehouse.texts import printable


def count(number: int, what: str, several: str | None = None) -> str:
    """Return a number of things in words, such as "1 row" or "2 rows"."""
    return f"{number:,} {what if number == 1 else several or what + 's'}"


def print_figures(title: str, figures: dict[str, str]) -> None:
    """Print a title, and figures below it with their names."""
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for name, figure in figures.items():
        table.add_row(Text(f"  {printable(name)}"), Text(printable(figure)))
    print_line(title, style="bold")
    console().print(table)


def print_line(line: str, style: str | None = None) -> None:
    """Print one line. Brackets in a name are no markup, and what controls a terminal is escaped."""
    console().print(printable(line), markup=False, highlight=False, style=style)


def console() -> Console:
    """Return a console on standard output that leaves the wrapping of long lines to the terminal."""
    return Console(soft_wrap=True)


@contextlib.contextmanager
def progress(*columns: ProgressColumn, quiet: bool) -> Iterator[Progress]:
    """Show progress on standard error until the work is done; show nothing if it is not a terminal."""
    errors = Console(stderr=True)
    with Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal) as shown:
        yield shown
