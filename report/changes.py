"""What has changed: comparisons, days without payments, shares over time, and whether the newest load is usual.

All business rules are in the dbt models; here their figures are compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from report.comparisons import Comparison, Kind, Span, spans_to_compare, sums_of
from report.snapshot import Snapshot, sql
from report.unusual import FEWEST_LOADS_BEFORE, LOADS_BEFORE, Usual, compare_with_usual

# Companies that rose most and as many that fell most.
MOVERS = 3

# How many weeks back days without payments are looked for, and in how many of the latest days those of companies.
GAP_WEEKS = 4
LATEST_DAYS = 7
# A company has payments as a rule if it has some on this share of the days on which any company has.
USUAL_SHARE = Decimal("0.75")
# With fewer days with payments than that, no company has a rule yet.
_FEWEST_DAYS = 14

# Of the shares that are charged back or refunded.
TREND_WEEKS = 12
_WEEKS_OF_A_SHARE = 4

# Half a percentage point more or less is nothing unusual.
_SHARE_TOLERANCE = Decimal("0.005")

_LOAD_TOTALS = "select load_id, total_amount from load_totals where load_id = any(%(load_ids)s)"


@dataclass(frozen=True)
class Mover:
    """A company whose total rose or fell."""

    company: str
    later: Decimal
    earlier: Decimal

    @property
    def change(self) -> Decimal:
        """By how much it rose; negative if it fell."""
        return self.later - self.earlier


@dataclass(frozen=True)
class Movers:
    """The companies that rose most and those that fell most, the largest change first."""

    risers: Sequence[Mover]
    fallers: Sequence[Mover]


@dataclass(frozen=True)
class CompanyGap:
    """The days without payments of a company that has some as a rule.

    Attributes:
        company: Its name.
        days_without: The days on which other companies had payments and it had none, oldest first.
        days: Number of days with its payments.
    """

    company: str
    days_without: Sequence[date]
    days: int


@dataclass(frozen=True)
class Gaps:
    """Days without payments.

    Attributes:
        span: Where they are looked for.
        days: The days of the span without a payment of any company, oldest first.
        since: The days that are over, after the newest one with payments; None if there are none.
        latest: Where those of single companies are looked for; None if there are too few days to tell what is usual.
        companies: The gaps of single companies, the latest first.
    """

    span: Span
    days: Sequence[date]
    since: Span | None
    latest: Span | None
    companies: Sequence[CompanyGap]


@dataclass(frozen=True)
class Ratio:
    """A part of a whole, both as numbers of rows or charges."""

    part: int
    whole: int

    @property
    def share(self) -> Decimal | None:
        """From 0 to 1; None of nothing."""
        return Decimal(self.part) / self.whole if self.whole else None


@dataclass(frozen=True)
class Trend:
    """A share over time.

    Attributes:
        name: What is counted: refunded, charged back or rejected.
        parts: The share in each period or load, oldest first.
        later: The share now.
        earlier: The share before; None if there is no period to compare with.
        later_span: The days of `later`; None if it is the newest load.
        earlier_span: The days of `earlier`; None if it is the loads before.
    """

    name: str
    parts: Sequence[Ratio]
    later: Ratio
    earlier: Ratio | None
    later_span: Span | None
    earlier_span: Span | None


@dataclass(frozen=True)
class NewestLoad:
    """The newest load in the marts, beside those of the same format before it.

    Attributes:
        load_id: Its id.
        source_name: Name of its file.
        format: Format of its file.
        loads_before: Number of loads to compare with, at most `LOADS_BEFORE`.
        rows: Rows read; None if there are fewer than `FEWEST_LOADS_BEFORE` loads before.
        amount: Amount that the file says was taken; None likewise.
        rejected: Share of rows rejected, from 0 to 1; None likewise.
    """

    load_id: int
    source_name: str
    format: str
    loads_before: int
    rows: Usual | None
    amount: Usual | None
    rejected: Usual | None

    @property
    def is_unusual(self) -> bool:
        """Whether any of its values is unlike those before."""
        return any(usual is not None and usual.is_unusual for usual in (self.rows, self.amount, self.rejected))


@dataclass(frozen=True)
class Changes:
    """What has changed.

    Attributes:
        newest: The newest day with transactions that was over when the newest load arrived; None if there is none.
        first: The first day with transactions; None if there is none.
        left_out: The days with transactions that were not over, oldest first.
        comparisons: The comparisons whose days are all within the days of the warehouse.
        not_compared: The kinds of comparisons that would begin before the first day.
        movers: For each comparison, the companies that changed most.
        chosen: Kind of the comparison that is shown first; None if there is none.
        gaps: Days without payments; None without a newest day.
        trends: Shares over time.
        newest_load: Whether the newest load is usual; None without loads.
    """

    newest: date | None
    first: date | None
    left_out: Sequence[date]
    comparisons: Sequence[Comparison]
    not_compared: Sequence[Kind]
    movers: Mapping[Kind, Movers]
    chosen: Kind | None
    gaps: Gaps | None
    trends: Sequence[Trend]
    newest_load: NewestLoad | None


def read_changes(
    snapshot: Snapshot,
    *,
    days: Mapping[date, Any],
    last_complete_day: date | None,
    names: Mapping[str, str],
    loads: Sequence[Any],
) -> Changes:
    """Compare the newest days and the newest load with those before.

    Args:
        snapshot: The warehouse.
        days: For each day with transactions, a row with their `total` and their number, `transactions`.
        last_complete_day: The last day that was over when the newest load arrived; None without loads.
        names: The name to show for each company, by id.
        loads: The loads as `report/sql/loads.sql` returns them, newest first.

    Raises:
        ReadError: The server refused a query.
        ConnectionFailedError: The connection was lost.
    """
    complete = [day for day in days if last_complete_day is not None and day <= last_complete_day]
    newest, first = max(complete, default=None), min(days, default=None)
    built = [load for load in loads if load.is_built]
    comparisons: list[Comparison] = []
    not_compared: list[Kind] = []
    gaps, trends = None, []
    if newest is not None and first is not None and last_complete_day is not None:
        spans = spans_to_compare(newest)
        for kind in Kind:
            if kind not in spans or spans[kind][1].first < first:
                not_compared.append(kind)
            else:
                later, earlier = spans[kind]
                comparisons.append(Comparison(kind, sums_of(later, days), sums_of(earlier, days)))
        gaps = _gaps(snapshot, days, Span(first, newest), last_complete_day, names)
        trends = _outcome_trends(snapshot, Span(first, newest))
    kinds = [comparison.kind for comparison in comparisons]
    return Changes(
        newest=newest,
        first=first,
        left_out=sorted(set(days) - set(complete)),
        comparisons=comparisons,
        not_compared=not_compared,
        movers=_movers(snapshot, comparisons, names),
        chosen=next((kind for kind in (Kind.WEEK, Kind.WEEKDAY, Kind.DAY) if kind in kinds), None),
        gaps=gaps,
        trends=[*trends, *_reject_trend(built)],
        newest_load=_newest_load(snapshot, built),
    )


def _movers(snapshot: Snapshot, comparisons: Sequence[Comparison], names: Mapping[str, str]) -> Mapping[Kind, Movers]:
    if not comparisons:
        return {}
    rows = snapshot.rows(
        sql("movers.sql"),
        kinds=[comparison.kind.value for comparison in comparisons],
        later_first=[comparison.later.span.first for comparison in comparisons],
        later_last=[comparison.later.span.last for comparison in comparisons],
        earlier_first=[comparison.earlier.span.first for comparison in comparisons],
        earlier_last=[comparison.earlier.span.last for comparison in comparisons],
        first=min(comparison.earlier.span.first for comparison in comparisons),
        last=max(comparison.later.span.last for comparison in comparisons),
        limit=MOVERS,
    )
    movers = {}
    for comparison in comparisons:
        found = [Mover(names[row.company_id], row.later, row.earlier) for row in rows if row.kind == comparison.kind]
        movers[comparison.kind] = Movers(
            risers=[mover for mover in found if mover.change > 0],
            fallers=[mover for mover in found if mover.change < 0],
        )
    return movers


def _gaps(
    snapshot: Snapshot, days: Mapping[date, Any], whole: Span, last_complete_day: date, names: Mapping[str, str]
) -> Gaps:
    newest = whole.last
    span = Span(newest - min(newest - whole.first, timedelta(weeks=GAP_WEEKS, days=-1)), newest)
    with_payments = [day for day in span.each() if day in days]
    latest, companies = None, []
    if len(with_payments) >= _FEWEST_DAYS:
        latest = Span(newest - timedelta(days=LATEST_DAYS - 1), newest)
        rows = snapshot.rows(
            sql("company_gaps.sql"), first=span.first, last=newest, latest=latest.first, usual_share=USUAL_SHARE
        )
        companies = [CompanyGap(names[row.company_id], row.days_without, row.days) for row in rows]
    return Gaps(
        span=span,
        days=[day for day in span.each() if day not in days],
        since=Span(newest + timedelta(days=1), last_complete_day) if newest < last_complete_day else None,
        latest=latest,
        companies=companies,
    )


def _outcome_trends(snapshot: Snapshot, whole: Span) -> list[Trend]:
    """Return the shares of paid charges that were given back, in whole weeks up to the newest day."""
    weeks = min(whole.days // 7, TREND_WEEKS)
    if not weeks:
        return []
    rows = {
        row.period: row
        for row in snapshot.rows(
            sql("outcomes.sql"), first=whole.last - timedelta(weeks=weeks, days=-1), last=whole.last
        )
    }
    # As many weeks now as before.
    half = min(_WEEKS_OF_A_SHARE, weeks // 2)
    now = half or weeks

    def ratio(column: str, first: int, weeks: int) -> Ratio:
        found = [rows[week] for week in range(first, first + weeks) if week in rows]
        return Ratio(sum(getattr(row, column) for row in found), sum(row.paid for row in found))

    def span(first: int, weeks: int) -> Span:
        last = whole.last - timedelta(weeks=first)
        return Span(last - timedelta(weeks=weeks, days=-1), last)

    return [
        Trend(
            name=column,
            parts=[ratio(column, week, 1) for week in reversed(range(weeks))],
            later=ratio(column, 0, now),
            earlier=ratio(column, half, half) if half else None,
            later_span=span(0, now),
            earlier_span=span(half, half) if half else None,
        )
        for column in ("refunded", "charged_back")
    ]


def _reject_trend(built: Sequence[Any]) -> list[Trend]:
    """Return the share of rows that were rejected in each of the newest loads."""
    ratios = [Ratio(load.rows_rejected, load.rows_read) for load in built[: LOADS_BEFORE + 1]]
    if not ratios:
        return []
    before = ratios[1:]
    return [
        Trend(
            name="rejected",
            parts=ratios[::-1],
            later=ratios[0],
            earlier=Ratio(sum(one.part for one in before), sum(one.whole for one in before)) if before else None,
            later_span=None,
            earlier_span=None,
        )
    ]


def _newest_load(snapshot: Snapshot, built: Sequence[Any]) -> NewestLoad | None:
    if not built:
        return None
    newest = built[0]
    before = [load for load in built[1:] if load.format == newest.format][:LOADS_BEFORE]
    rows = amount = rejected = None
    if len(before) >= FEWEST_LOADS_BEFORE:
        load_ids = [load.load_id for load in (newest, *before)]
        totals = {row.load_id: row.total_amount for row in snapshot.rows(_LOAD_TOTALS, load_ids=load_ids)}
        rows = compare_with_usual(Decimal(newest.rows_read), [Decimal(load.rows_read) for load in before])
        amounts = [totals.get(load_id, Decimal("0.00")) for load_id in load_ids]
        amount = compare_with_usual(amounts[0], amounts[1:])
        ratios = [Ratio(load.rows_rejected, load.rows_read).share or Decimal(0) for load in (newest, *before)]
        rejected = compare_with_usual(ratios[0], ratios[1:], tolerance=_SHARE_TOLERANCE)
    return NewestLoad(newest.load_id, newest.source_name, newest.format, len(before), rows, amount, rejected)
