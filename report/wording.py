"""Sentences about the figures, the same on the page and on the terminal."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from report.figures import Figures


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """Return a number with its noun: `1 load`, `2 loads`."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def percentage(part: int, whole: int) -> str:
    """Return a part as a percentage of the whole; one that is there is never 0."""
    if not whole:
        return "0 %"
    share = (Decimal(100) * part / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return "less than 0.01 %" if part and not share else f"{share} %"


def moment(time: datetime) -> str:
    """Return a UTC time to the minute."""
    return f"{time:%Y-%m-%d %H:%M} UTC"


def age(span: timedelta) -> str:
    """Return a time span in its largest suitable unit."""
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return plural(minutes, "minute")
    if minutes < 48 * 60:
        return plural(minutes // 60, "hour")
    return plural(minutes // (24 * 60), "day")


def freshness(figures: Figures) -> str:
    """Return when the figures were taken, and how long before that the last load arrived."""
    taken = f"As of {moment(figures.taken_at)}"
    if figures.last_arrival is None:
        return f"{taken}. Nothing is loaded."
    return f"{taken}. The last load arrived {age(figures.taken_at - figures.last_arrival)} earlier."


def emptiness(figures: Figures) -> str | None:
    """Return why the report has no totals; None if it has some."""
    rows = figures.reconciliation
    if not figures.loads:
        return (
            "Nothing is loaded. Load a file with `python -m ingest load FILE`, "
            "then run `dbt build --project-dir dbt_project`."
        )
    if not rows.charges:
        return f"There are no charges: {rows.rejected:,} of {plural(rows.rows_read, 'row')} were rejected."
    if not figures.summary.rows:
        return "No charge is paid or refunded, so there are no daily totals."
    return None


def accounting(figures: Figures) -> str:
    """Return whether every row that was read is accounted for, as a sum."""
    rows = figures.reconciliation
    parts = f"{rows.charges:,} charges + {rows.rejected:,} rejected + {rows.superseded:,} superseded"
    if rows.left_out:
        parts += f" + {rows.left_out:,} not charges"
    if rows.difference:
        return (
            f"{plural(abs(rows.difference), 'row is', 'rows are')} not accounted for: "
            f"{rows.rows_read:,} rows read, but {parts}. "
            "A build may be running, or the last one failed and did not publish them."
        )
    return f"All rows are accounted for: {rows.rows_read:,} rows read = {parts}."


def pending(figures: Figures) -> Sequence[str]:
    """Return one sentence per difference between raw and the marts; none if the marts are up to date."""
    rows = figures.reconciliation
    sentences = []
    if rows.waiting:
        loads = plural(len(rows.waiting), "load")
        sentences.append(
            f"{loads} with {plural(_rows(rows.waiting), 'row')} arrived after the last build and "
            f"{'is' if len(rows.waiting) == 1 else 'are'} not included in these figures. Run `dbt build`."
        )
    if rows.unpublished:
        loads = plural(len(rows.unpublished), "load")
        sentences.append(
            f"{loads} with {plural(_rows(rows.unpublished), 'row')} "
            f"{'is' if len(rows.unpublished) == 1 else 'are'} not published and not included in these figures: "
            "a build is running, or the last one failed. `python -m transform` builds again and says what fails."
        )
    if rows.replaced:
        loads = plural(len(rows.replaced), "load")
        sentences.append(
            f"{loads} with {plural(_rows(rows.replaced), 'row')} "
            f"{'was' if len(rows.replaced) == 1 else 'were'} replaced after the last build and "
            f"{'is' if len(rows.replaced) == 1 else 'are'} still included in these figures. Run `dbt build`."
        )
    return sentences


def _rows(loads: Sequence[Any]) -> int:
    return sum(load.rows_read for load in loads)
