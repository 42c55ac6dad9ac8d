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

from report import change_wording as changed
from report.change_wording import FAR_OUT
from report.changes import Ratio
from report.figures import CHART_COMPANIES, Chart, Company, Figures
from report.outliers import ceiling, outlier_limit
from report.runs import problem_text
from report.wording import accounting, emptiness, freshness, moment, pending

BLOCKS = "▁▂▃▄▅▆▇█"
# What stands for them where the encoding has no such characters.
_PLAIN = str.maketrans(BLOCKS + FAR_OUT + changed.MINUS, "_.,-~=+#^-") | {ord("…"): "..."}

# Columns of a sparkline: at most, and where there is no room for that many, none at all.
_MOST_COLUMNS = 40
_FEWEST_COLUMNS = 10
# How many rejected rows are shown; the page has more.
_LISTED_REJECTS = 5
# What the table of companies needs beside it, and what the identifiers need.
_TABLE_COLUMNS = 70
_IDENTIFIER_COLUMNS = 26
# What the reasons of a rejected row need; more of them go on in the next line.
_REASON_COLUMNS = 30
# What goes on in the next line where there is no room.
_WRAPPED = ("company_name", "compared", "before", "problems", "reasons")


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
    if figures.changes.first is not None:
        title(f"What changed. {' '.join(changed.scope(figures))}")
        for part in _changes(figures):
            console.print(part, markup=False, highlight=False)
    title("Figures")
    console.print(_figures_table(figures))
    if figures.rejects:
        listed = len(figures.rejects[:_LISTED_REJECTS])
        title(
            f"Rejected rows, the last ones of the newest file first ({listed} of {figures.reconciliation.rejected:,})"
        )
        console.print(_rejects_table(figures, room))
    shown = len(figures.companies[:CHART_COMPANIES])
    title(f"Companies with the largest totals ({shown} of {figures.companies_in_all:,})")
    console.print(_companies_table(figures, room))
    title("daily_transaction_summary, all rows")
    summary = figures.summary
    console.print(
        _table(
            {"rows": "right", "transactions": "right", "total": "right"},
            [(summary.rows, summary.transactions, _marked(summary.total, is_far_out=bool(summary.outliers)))],
        )
    )
    title(f"daily_transaction_summary, newest rows (days in {figures.time_zone})")
    console.print(_newest_days_table(figures, room))
    if figures.runs:
        title(f"Last runs ({len(figures.runs)})")
        console.print(_runs_table(figures))
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
    """Return the newest totals of a company as bars, the largest at full height; periods without a total are blank.

    One that is far above the others is a mark, as it is in the chart of the page.
    """
    newest = sorted({period.period for period in chart.periods})[-columns:]
    all_totals = {period.period: period.total for period in chart.periods if period.company_id == company_id}
    totals = {period: all_totals[period] for period in newest if period in all_totals}
    if not totals:
        return ""
    top = ceiling(list(totals.values()))
    last = len(BLOCKS) - 1
    return "".join(
        " " if period not in totals else FAR_OUT if totals[period] > top else BLOCKS[int(last * totals[period] / top)]
        for period in newest
    )


def _changes(figures: Figures) -> Iterable[Table | str]:
    """Return what has changed, as tables and lines."""
    changes = figures.changes
    if changes.comparisons:
        columns = {"compared": "left", "total": "right", "change": "right", "transactions": "right", "change ": "right"}
        yield _table(
            columns,
            [
                (
                    changed.compared_days(one),
                    _marked(one.later.total, is_far_out=changed.outliers_in(figures, one.later.span)),
                    changed.relative_change(one.later.total, one.earlier.total),
                    one.later.transactions,
                    changed.relative_change(one.later.transactions, one.earlier.transactions),
                )
                for one in changes.comparisons
            ],
        )
    if (far_out := changed.outliers(figures)) is not None:
        yield far_out
    if changes.chosen is not None:
        (chosen,) = [one for one in changes.comparisons if one.kind == changes.chosen]
        movers = changes.movers[changes.chosen]
        if movers.risers or movers.fallers:
            yield f"Largest risers and fallers, {changed.compared_days(chosen)}:"
            yield _table(
                {"company_name": "left", "change": "right"},
                [(mover.company, changed.moved(mover)) for mover in (*movers.risers, *movers.fallers)],
                header=False,
            )
    if changes.gaps is not None:
        for sentence in (*changed.gaps(changes.gaps), *changed.company_gaps(changes.gaps)):
            yield sentence
        if changes.gaps.companies:
            gaps = changed.listed_company_gaps(changes.gaps)
            lines = [(gap.company, changed.company_gap(gap)) for gap in gaps]
            yield _table({"company_name": "left", "before": "left"}, lines, header=False)
    if changes.trends:
        yield _table(
            {"share": "left", "trend": "left", "now": "right", "before": "left"},
            [
                (
                    changed.trend(trend),
                    Text(_share_blocks(trend.parts), style="cyan"),
                    changed.trend_now(trend),
                    changed.trend_before(trend),
                )
                for trend in changes.trends
            ],
            header=False,
        )
        yield changed.trend_scope(changes.trends)
    if changes.newest_load is not None:
        yield f"{printable(changes.newest_load.source_name)}: {changed.newest_load(changes.newest_load)}"
        for sentence, is_unusual in changed.newest_load_values(changes.newest_load):
            yield f"{'Unusual: ' if is_unusual else ''}{sentence}"


def _share_blocks(ratios: Sequence[Ratio]) -> str:
    """Return shares as bars, oldest first; those of nothing are blank."""
    shares = [ratio.share for ratio in ratios]
    top = max((share for share in shares if share is not None), default=Decimal(0)) or Decimal(1)
    return "".join(" " if share is None else BLOCKS[int((len(BLOCKS) - 1) * share / top)] for share in shares)


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


def _rejects_table(figures: Figures, room: int) -> Table:
    """The rows that came last: at the end of a file stand totals, which are no payments."""
    rejects = figures.rejects[:_LISTED_REJECTS]
    lines = [(reject.load_id, reject.row_number, reject.reasons.replace(",", ", ")) for reject in rejects]
    taken = sum(min(max(len(str(cell)) for cell in column), _REASON_COLUMNS) + 4 for column in zip(*lines, strict=True))
    values = [_cut(_as_it_came(reject), max(room - taken, _FEWEST_COLUMNS)) for reject in rejects]
    columns = {"load": "right", "row": "right", "reasons": "left", "as it came": "left"}
    return _table(columns, [(*line, value) for line, value in zip(lines, values, strict=True)])


def _as_it_came(reject: Any) -> str:  # noqa: ANN401 - a named tuple of the query's columns
    if reject.record is not None:
        return str(reject.record)
    # A blank field may be the reason.
    return ", ".join(value if value and not value.isspace() else "(blank)" for _, value in reject.fields)


def _cut(text: str, width: int) -> Text:
    """The beginning of a text that fits some columns of a terminal, with an ellipsis if that is not all of it."""
    shown = Text(printable(text))
    shown.truncate(width, overflow="ellipsis")
    return shown


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
            *(getattr(company, column) for column in columns if column != "total"),
            _marked(company.total, is_far_out=_has_outlier(figures.chart, company)),
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
    limit = figures.summary.outlier_limit
    lines = [
        [
            *row[:3],
            _marked(row.total_amount, is_far_out=limit is not None and row.total_amount > limit),
            row.transaction_count,
        ]
        for row in figures.newest_days
    ]
    return _table(columns, lines, skip=_skipped(room))


def _has_outlier(chart: Chart, company: Company) -> bool:
    """Return whether a total of the company is far above those of all companies together."""
    totals: dict[date, Decimal] = {}
    for period in chart.periods:
        totals[period.period] = totals.get(period.period, Decimal(0)) + period.total
    limit = outlier_limit(list(totals.values()))
    return limit is not None and any(
        period.total > limit for period in chart.periods if period.company_id == company.company_id
    )


def _marked(total: Decimal, *, is_far_out: bool) -> Text:
    return Text(f"{FAR_OUT} {total:,.2f}" if is_far_out else f"{total:,.2f}")


def _runs_table(figures: Figures) -> Table:
    columns = {"began": "left", "outcome": "left", "rows read": "right", "problems": "left"}
    lines = [
        (moment(run.started_at), run.outcome, run.rows_read, ", ".join(map(problem_text, run.problems)) or "none")
        for run in figures.runs
    ]
    return _table(columns, lines)


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
            table.add_column(name, justify=justify, no_wrap=name not in _WRAPPED, overflow="fold")
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
