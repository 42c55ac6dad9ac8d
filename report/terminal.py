"""Print the figures as text for a terminal, a pipe or a log."""

import io
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from report.figures import CHART_COMPANIES, Chart, Figures
from report.outliers import ceiling
from report.wording import accounting, emptiness, freshness, pending

BLOCKS = "▁▂▃▄▅▆▇█"
# What stands for them where the encoding has no such characters.
_PLAIN = str.maketrans(BLOCKS, "_.,-~=+#")

# Columns of a sparkline: at most, and where there is no room for that many, none at all.
_MOST_COLUMNS = 40
_FEWEST_COLUMNS = 10
# What the table of companies needs beside it, and what the identifiers need.
_TABLE_COLUMNS = 70
_IDENTIFIER_COLUMNS = 26


def print_figures(figures: Figures, stream: TextIO) -> None:
    """Print the figures in the width of the terminal; if there is none, in their full width and without colors.

    Args:
        figures: The figures to print.
        stream: Output stream.
    """
    is_terminal = stream.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else None
    text = render_text(figures, width=width, colors=is_terminal)
    stream.write(encodable(text, stream.encoding or "ascii"))


def render_text(figures: Figures, *, width: int | None, colors: bool) -> str:
    """Return the figures as text.

    Args:
        figures: The figures to show.
        width: Maximum columns per line; None for no limit.
        colors: Whether to highlight titles and sparklines with terminal colors.
    """
    console = Console(
        file=io.StringIO(), width=width or 10_000, force_terminal=colors, soft_wrap=True, legacy_windows=False
    )
    room = width or _TABLE_COLUMNS + _IDENTIFIER_COLUMNS + _MOST_COLUMNS

    def title(text: str) -> None:
        console.print(f"\n{text}", style="bold", markup=False, highlight=False)

    title(f"Daily report. {freshness(figures)}")
    for sentence in pending(figures):
        title(sentence)
    if (emptiness_said := emptiness(figures)) is not None:
        title(emptiness_said)
    title("Figures")
    console.print(_figures_table(figures))
    shown = len(figures.companies[:CHART_COMPANIES])
    title(f"Companies with the largest totals ({shown} of {figures.companies_in_all:,})")
    console.print(_companies_table(figures, room))
    title("daily_transaction_summary, all rows")
    summary = figures.summary
    console.print(
        _table(
            {"rows": "right", "transactions": "right", "total": "right"},
            [(summary.rows, summary.transactions, summary.total)],
        )
    )
    title(f"daily_transaction_summary, newest rows (days in {figures.time_zone})")
    console.print(_newest_days_table(figures, room))
    title(accounting(figures))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def encodable(text: str, encoding: str) -> str:
    """Return the text with plain characters in place of those that the encoding lacks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text


def sparkline(chart: Chart, company_id: str | None, columns: int) -> str:
    """Return the newest totals of a company as bars, the largest at full height; periods without a total are blank."""
    newest = sorted({period.period for period in chart.periods})[-columns:]
    all_totals = {period.period: period.total for period in chart.periods if period.company_id == company_id}
    totals = {period: all_totals[period] for period in newest if period in all_totals}
    if not totals:
        return ""
    top = ceiling(list(totals.values()))
    last = len(BLOCKS) - 1
    return "".join(
        BLOCKS[int(last * min(totals[period] / top, Decimal(1)))] if period in totals else " " for period in newest
    )


def _figures_table(figures: Figures) -> Table:
    rows = figures.reconciliation
    lines = [
        ("rows read", rows.rows_read),
        ("charges", rows.charges),
        *((f"  {status.status}", status.charges) for status in figures.statuses),
        ("superseded rows", rows.superseded),
        *([("rows that are not charges", rows.left_out)] if rows.left_out else []),
        ("rejected rows", rows.rejected),
        *((f"  {reason.reason}", reason.rows_rejected) for reason in figures.reasons),
        ("sum of all charges", figures.amount),
        ("charges with updated_at", figures.charges_with_updated_at),
    ]
    return _table({"figure": "left", "value": "right"}, lines, header=False)


def _companies_table(figures: Figures, room: int) -> Table:
    columns: dict[str, Any] = {
        "company_id": "left",
        "company_name": "left",
        "charges": "right",
        "days": "right",
        "transactions": "right",
        "total": "right",
    }
    skip = _skipped(room - _FEWEST_COLUMNS)
    spare = room - _TABLE_COLUMNS - _IDENTIFIER_COLUMNS * (not skip)
    bars = min(spare, _MOST_COLUMNS, len({period.period for period in figures.chart.periods}))
    lines = [
        [
            *(getattr(company, column) for column in columns),
            Text(sparkline(figures.chart, company.company_id, bars), style="cyan"),
        ]
        for company in figures.companies[:CHART_COMPANIES]
    ]
    columns[f"last {bars} {figures.chart.step}s"] = "left"
    if spare < _FEWEST_COLUMNS or not bars:
        columns.popitem()
    return _table(columns, lines, skip=skip)


def _newest_days_table(figures: Figures, room: int) -> Table:
    columns = {
        "transaction_date": "left",
        "company_name": "left",
        "company_id": "left",
        "total_amount": "right",
        "transaction_count": "right",
    }
    return _table(columns, figures.newest_days, skip=_skipped(room))


def _skipped(room: int) -> Sequence[str]:
    """Return the columns that do not fit."""
    if room >= _TABLE_COLUMNS + _IDENTIFIER_COLUMNS:
        return ()
    return ("company_id",) if room >= _TABLE_COLUMNS else ("company_id", "charges", "days", "transaction_count")


def _table(
    columns: Mapping[str, Any],
    lines: Iterable[Sequence[object]],
    *,
    header: bool = True,
    skip: Sequence[str] = (),
) -> Table:
    """Return a table without rules.

    Args:
        columns: Names and alignments of the columns.
        lines: Values of the rows; values beyond the last column are ignored.
        header: Whether to show the names.
        skip: Columns to omit.
    """
    table = Table(box=None, show_header=header, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    for name, justify in columns.items():
        if name not in skip:
            # Where the line is too short, names go on in the next one; numbers do not.
            table.add_column(name, justify=justify, no_wrap=name != "company_name", overflow="fold")
    for line in lines:
        cells = [_cell(value) for name, value in zip(columns, line, strict=False) if name not in skip]
        table.add_row("", *cells)
    return table


def _cell(value: object) -> Text:
    match value:
        case Text():
            return value
        case int():
            return Text(f"{value:,}")
        case Decimal():
            return Text(f"{value:,.2f}")
        case date():
            return Text(value.isoformat())
        case _:
            return Text(printable(str(value)))


def printable(text: str) -> str:
    """Return the text with a mark in place of each character that could control a terminal or reverse a line."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
