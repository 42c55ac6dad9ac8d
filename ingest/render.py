"""Print reports for people: results on standard output, progress on standard error."""

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from functools import partial, singledispatch

from rich.cells import cell_len
from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from ingest.formats import STANDARD
from ingest.lock import LockHolder, LockWait
from ingest.results import (
    ALREADY_LOADED,
    ExtractReport,
    Inspection,
    LoadReport,
    PartitionedExtractReport,
    Rehearsal,
    Rejection,
    RemovalReport,
    Report,
    SchemaExtractReport,
    ValidationReport,
)
from ingest.sample import SampleReport
from warehouse.terminal import count, print_figures, print_line, progress
from warehouse.texts import printable

# How wide a value is shown beside others and by itself, and how many columns of a file are.
_WIDTH = 24
_WIDTH_ALONE = 60
_MOST_COLUMNS = 40

# How often a wait for another load is told of.
_SECONDS_BETWEEN_LINES = 60

_DELIMITERS = {"\t": "tab", ",": "comma (,)", ";": "semicolon (;)", "|": "bar (|)"}


@singledispatch
def print_report(report: Report) -> None:
    """Print a report in the format of its type."""
    raise NotImplementedError(type(report).__name__)


@print_report.register
def _print_load(report: LoadReport) -> None:
    if report.status == ALREADY_LOADED:
        known = "" if report.loaded_as == report.source_name else f" ({report.loaded_as})"
        title = f"{report.source_name} is already loaded as load {report.load_id}{known}; nothing was changed"
    elif report.replaced_load_id is not None:
        title = f"Loaded {report.source_name} as load {report.load_id}, replacing load {report.replaced_load_id}"
    else:
        title = f"Loaded {report.source_name} as load {report.load_id}"
    header = "with a header" if report.has_header else "without a header"
    form = "" if report.format == STANDARD else f", format {report.format}"
    ending = report.line_terminator.encode("unicode_escape").decode()
    lines = {
        "rows read": f"{report.rows_read:,}",
        "rows loaded": f"{report.rows_loaded:,}",
        "rows rejected": f"{report.rows_rejected:,}",
        **{f"  {reason}": f"{count:,}" for reason, count in report.rejected_by_reason.items()},
        "blank records": f"{report.blank_records:,}",
    }
    print_figures(title, lines)
    delimiter = f", delimiter {_DELIMITERS[report.delimiter]}" if report.delimiter and report.delimiter != "," else ""
    print_line(f"  {decimal(report.bytes)}, {report.encoding}{delimiter}, line ending {ending}, {header}{form}")
    for lines_beside, where in (
        (report.lines_before_header, "before the header"),
        (report.lines_after_rows, "after the rows"),
    ):
        if lines_beside:
            print_line(f"  {count(lines_beside, 'line')} {where} not loaded")
    if report.ignored_columns:
        named = [name for name in report.ignored_columns if name]
        nameless = len(report.ignored_columns) - len(named)
        shown = [*named, *([f"{nameless} without a name"] if nameless else [])]
        print_line(f"  columns not loaded: {', '.join(shown)}", style="yellow")
    for example in report.rejected_examples:
        print_line(f"  row {example.row_number:,}: {example.reason}: {example.preview}", style="yellow")
    if report.seconds:
        print_line(f"  {report.seconds:.2f} s, {report.rows_per_second:,} rows/s")


@print_report.register
def _print_extract(report: ExtractReport) -> None:
    print_line(
        f"Extracted {count(report.rows, 'row')} from {report.relation} to {report.output} "
        f"({decimal(report.bytes)}, {report.seconds:.2f} s)"
    )


@print_report.register
def _print_schema_extract(report: SchemaExtractReport) -> None:
    title = f"Extracted {count(len(report.rows), 'table or view', 'tables and views')} to {report.output}"
    print_figures(title, {name: count(rows, "row") for name, rows in report.rows.items()})
    print_line(f"  {decimal(report.bytes)}, {report.seconds:.2f} s")


@print_report.register
def _print_partitioned_extract(report: PartitionedExtractReport) -> None:
    print_line(
        f"{report.output} contains {count(report.loads, 'load')}: added {len(report.loads_added):,} with "
        f"{count(report.rows_added, 'row')}, removed {len(report.loads_removed):,} ({report.seconds:.2f} s)"
    )


@print_report.register
def _print_removal(report: RemovalReport) -> None:
    for load in report.loads:
        print_line(f"Removed load {load.load_id} ({load.source_name}, {count(load.rows_read, 'row')})")
    print_line("The next dbt build removes the rows from the marts.")


@print_report.register
def _print_validation(report: ValidationReport) -> None:
    if not report.loads:
        print_line("Nothing is loaded yet. Load a file with `python -m ingest load FILE`.")
        return
    rows = [("load", "rows read", "loaded", "rejected", "recount", "file")]
    for load in report.loads:
        said = (load.rows_read, load.rows_loaded, load.rows_rejected)
        found = f"{load.found_loaded:,} loaded, {load.found_rejected:,} rejected"
        numbering = "" if load.is_numbered_through else ", row numbers missing or duplicated"
        read, loaded, rejected = ("-" if figure is None else f"{figure:,}" for figure in said)
        recount = "agrees" if load.is_valid else found + numbering
        rows.append(
            (str(load.load_id), read, loaded, rejected, recount, printable(load.source_name or "not in raw.loads"))
        )
    print_line("All loads, recounted", style="bold")
    _print_rows(rows, right={0, 1, 2, 3}, styles=["bold", *(None if load.is_valid else "red" for load in report.loads)])


@print_report.register
def _print_sample(report: SampleReport) -> None:
    print_figures(
        f"Wrote {report.rows:,} rows to {report.output} with seed {report.seed}. Defective rows:",
        {name.replace("_", " "): f"{count:,}" for name, count in report.defects.items()},
    )


@print_report.register
def _print_inspection(report: Inspection) -> None:
    file = report.file
    packed = f", {file.compression}, {decimal(file.content_bytes)} of content" if file.compression else ""
    figures = {
        "size": decimal(file.size) + packed,
        "encoding": file.encoding + (", with a byte order mark" if file.has_byte_order_mark else ""),
        "line ends": file.line_terminator.encode("unicode_escape").decode(),
    }
    if file.delimiter:
        figures["delimiter"] = _DELIMITERS.get(file.delimiter, file.delimiter)
        figures["header"] = count(len(file.header), "column") if file.header else "none"
    if file.lines_before_header_count:
        first = file.lines_before_header[0] if file.lines_before_header else ""
        figures["before the header"] = (
            f"{count(file.lines_before_header_count, 'line')}, the first is: {_cut(first, _WIDTH_ALONE)}"
        )
    if file.lines_after_rows:
        figures["after the rows"] = count(file.lines_after_rows, "line")
    if report.format:
        figures["format"] = f"{report.format} ({report.format_title})"
    elif report.problem:
        figures["format"] = report.problem
    print_line(file.name, style="bold")
    _print_rows([(f"  {name}", figure) for name, figure in figures.items()])
    if report.format and report.problem:
        print_line(f"  It cannot be loaded as it is: {report.problem}.", style="yellow")
    if report.advice:
        print_line(f"  {report.advice}", style="yellow")
    _print_columns(report)
    _print_records(report)
    if report.rehearsal_left_out:
        print_line("")
        print_line(f"The business rules were skipped: {report.rehearsal_left_out}.", style="yellow")


def _print_columns(report: Inspection) -> None:
    if not report.columns:
        return
    title = "Columns, as the proposed format would load them" if report.is_proposed else "Columns"
    rows = [("  column", "loaded as", *(f"row {number}" for number in range(1, len(report.file.first_rows) + 1)))]
    for index, column in enumerate(report.columns[:_MOST_COLUMNS]):
        values = [_cut(row[index]) if index < len(row) else "" for row in report.file.first_rows]
        rows.append((f"  {_cut(column.name) or '(no name)'}", ", ".join(column.loaded_as) or "-", *values))
    print_line("")
    print_line(title, style="bold")
    _print_rows(rows)
    if len(report.columns) > _MOST_COLUMNS:
        print_line(f"  and {count(len(report.columns) - _MOST_COLUMNS, 'more column')}")
    if report.constants:
        print_line(f"  In all rows: {', '.join(f'{column} = {value}' for column, value in report.constants.items())}")


def _print_records(report: Inspection) -> None:
    records = report.records
    if not records:
        return
    figures = {
        "can be read": f"{records.read - records.rejected:,}",
        "cannot be read": f"{records.rejected:,}",
        **{f"  {reason}": f"{count:,}" for reason, count in records.rejected_by_reason.items()},
        "blank, not counted": f"{records.blank:,}",
    }
    print_line("")
    print_figures("Records", figures)
    for example in records.rejected_examples:
        print_line(f"  row {example.row_number:,}: {example.reason}: {example.preview}", style="yellow")


@print_report.register
def _print_rehearsal(report: Rehearsal) -> None:
    days = f", {report.first_day} to {report.last_day}" if report.first_day else ""
    print_line("")
    print_line(f"Rows, as a build would evaluate them if this were the only file{days}", style="bold")
    amount = sum((total.amount for total in report.statuses), start=Decimal(0))
    rows = [
        ("  charges", f"{report.charges:,}", f"{amount:,.2f}"),
        *((f"    {total.status}", f"{total.charges:,}", f"{total.amount:,.2f}") for total in report.statuses),
        ("  superseded by later rows", f"{report.rows_superseded:,}", ""),
        ("  left out", f"{report.rows_left_out:,}", ""),
        ("  rejected", f"{report.rows_rejected:,}", ""),
    ]
    _print_rows(rows, right={1, 2})
    for rejection in (*report.left_out, *report.rejections):
        _print_rejection(rejection)


def _print_rejection(rejection: Rejection) -> None:
    about = f", by {' / '.join(rejection.columns)}" if rejection.columns else ""
    print_line(f"  {rejection.reason}: {count(rejection.rows, 'row')}{about}", style="yellow")
    values = [
        (f"    {value.rows:,}", "(blank)" if value.value is None else _cut(printable(value.value), _WIDTH_ALONE))
        for value in rejection.values
    ]
    _print_rows(values, right={0})


@contextlib.contextmanager
def waiting(title: str, *, quiet: bool) -> Iterator[None]:
    """Show on standard error that something is being done, and for how long; nothing if it is not a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with progress(*columns, quiet=quiet) as shown:
        shown.add_task(title, total=None)
        yield


def lock_waits() -> Callable[[LockWait], None]:
    """Return a function that says on standard error for whom a load waits: at once, and then every minute."""
    holder: LockHolder | None = None
    next_line = 0.0

    def say(wait: LockWait) -> None:
        nonlocal holder, next_line
        is_another = wait.holder is not None and wait.holder != holder
        if wait.holder is None or not (is_another or wait.seconds >= next_line):
            return
        waited = f" after {wait.seconds / 60:.0f} min" if wait.seconds >= _SECONDS_BETWEEN_LINES else ""
        Console(stderr=True, soft_wrap=True).print(
            f"Another load is running; waiting for it to finish{waited}: {wait.holder}", markup=False, highlight=False
        )
        holder, next_line = wait.holder, wait.seconds + _SECONDS_BETWEEN_LINES

    return say


@contextlib.contextmanager
def byte_progress(title: str, *, quiet: bool) -> Iterator[Callable[..., None]]:
    """Show a progress bar on standard error until the work is done; show nothing if it is not a terminal.

    Yields:
        A function that takes `completed` and `total` in bytes, or the bytes to `advance` by if the total is unknown.
    """
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with progress(*columns, TimeRemainingColumn(), quiet=quiet) as shown:
        yield partial(shown.update, shown.add_task(title, total=None))


def _print_rows(
    rows: Sequence[Sequence[str]], right: Collection[int] = (), styles: Sequence[str | None] | None = None
) -> None:
    """Print rows of texts with their columns aligned, however wide they are; some columns to the right.

    Args:
        rows: The rows.
        right: Indexes of the columns to align to the right.
        styles: The style of each row; all are plain without it.
    """
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row, style in zip(rows, styles or [None] * len(rows), strict=True):
        cells = []
        for index, (text, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - cell_len(text))
            cells.append(space + text if index in right else text + space)
        print_line("  ".join(cells).rstrip(), style=style)


def _cut(value: str, width: int = _WIDTH) -> str:
    return value if len(value) <= width else value[: width - 1] + "…"
