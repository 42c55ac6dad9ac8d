"""Print the report for people, and show progress."""

import contextlib
from collections.abc import Iterator

from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn

from publish.results import BUILT, UNCHANGED, PublishedTable, PublishReport, TableProgress
from warehouse.terminal import count, print_figures, print_line, progress


def print_report(report: PublishReport) -> None:
    """Print a report."""
    if report.status == UNCHANGED:
        title = f"{report.target} is up to date; nothing was changed"
    elif report.status == BUILT:
        title = f"Published {report.schema} to {report.target}, with new tables"
    else:
        title = f"Published {report.schema} to {report.target}"
    print_figures(title, {name: _described(table) for name, table in report.tables.items()} | {report.view: "view"})
    print_line(f"  {report.server}, {report.seconds:.2f} s")


def _described(table: PublishedTable) -> str:
    written = (("inserted", table.inserted), ("updated", table.updated), ("deleted", table.deleted))
    changes = "".join(f", {number:,} {what}" for what, number in written if number)
    return count(table.rows, "row") + (changes or ", none changed")


@contextlib.contextmanager
def table_progress(*, quiet: bool) -> Iterator[TableProgress]:
    """Show a progress bar for each table; yields the function that takes how many of its rows are done."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with progress(*columns, quiet=quiet) as shown:

        def update(table: str, rows: int, estimate: int | None) -> None:
            if table not in tasks:
                tasks[table] = shown.add_task(f"Publishing {table}")
            # Past a low estimate, nobody knows how much is left.
            shown.update(tasks[table], completed=rows, total=estimate if estimate and rows <= estimate else None)

        yield update
