"""Sentences about what has changed, the same on the page and on the terminal."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from report.changes import CompanyGap, Gaps, Mover, NewestLoad, Ratio, Trend
from report.comparisons import Comparison, Kind, Span
from report.figures import Figures
from report.unusual import FEWEST_LOADS_BEFORE, Usual
from report.wording import percentage, plural

# Beside a number that is far above the others, in the chart as in text.
FAR_OUT = "\N{BLACK UP-POINTING TRIANGLE}"

MINUS = "\N{MINUS SIGN}"
# A value that is so many times the other one is said as a multiple.
_MULTIPLE = 10

_LISTED_DAYS = 6
_LISTED_COMPANIES = 3
_LISTED_OUTLIERS = 2

_COMPARED = {
    Kind.DAY: "Newest day and the day before",
    Kind.WEEKDAY: "Newest day and that of last week",
    Kind.WEEK: "Last 7 days and the 7 before",
    Kind.MONTH: "Month so far and last month",
}
_BEFORE = {
    Kind.DAY: "the day before",
    Kind.WEEKDAY: "the same day last week",
    Kind.WEEK: "the 7 days before",
    Kind.MONTH: "last month",
}


def money(amount: Decimal) -> str:
    """Return an amount."""
    return f"{amount:,.2f}"


def money_change(amount: Decimal) -> str:
    """Return by how much an amount rose or fell, with its sign."""
    return f"{MINUS if amount < 0 else '+'}{abs(amount):,.2f}"


def relative_change(later: Decimal | int, earlier: Decimal | int) -> str:
    """Return by how much a number that is not negative rose or fell, as a share of what it was."""
    later, earlier = Decimal(later), Decimal(earlier)
    if not earlier:
        return "from 0" if later else f"{Decimal(0)} %"
    if later >= _MULTIPLE * earlier:
        return f"{later / earlier:,.0f} times"
    change = (100 * (later - earlier) / earlier).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if later and change == -100:
        change = Decimal("-99.9")
    return f"{MINUS if change < 0 else '+' if change else ''}{abs(change)} %"


def span(days: Span) -> str:
    """Return the days; a single one with its weekday, and a year only once."""
    if days.first == days.last:
        return weekday(days.first)
    return f"{days.first} to {days.last:%m-%d}" if days.first.year == days.last.year else f"{days.first} to {days.last}"


def weekday(day: date) -> str:
    """Return a day with its weekday."""
    return f"{day:%a} {day}"


def compared(comparison: Comparison) -> str:
    """Return what is compared."""
    return _COMPARED[comparison.kind]


def compared_days(comparison: Comparison) -> str:
    """Return which days are compared, and on how many of them there were payments if not on all."""
    later, earlier = comparison.later, comparison.earlier
    days = f"{span(later.span)} against {span(earlier.span)}"
    if later.days == later.span.days and earlier.days == earlier.span.days:
        return days
    return f"{days}; payments on {later.days} against {plural(earlier.days, 'day')}"


def scope(figures: Figures) -> Sequence[str]:
    """Return up to which day is compared, and what is not compared and why."""
    changes = figures.changes
    sentences = []
    if changes.newest is not None:
        sentences.append(
            f"Up to {weekday(changes.newest)}, the newest day with payments that was over when the last load arrived."
        )
    elif changes.left_out:
        sentences.append("No day with payments was over when the last load arrived, so nothing is compared.")
    if changes.newest is not None and changes.left_out:
        left_out = plural(len(changes.left_out), "day")
        were = "was" if len(changes.left_out) == 1 else "were"
        days = span(Span(changes.left_out[0], changes.left_out[-1]))
        sentences.append(f"Left out: {left_out} with payments that {were} not over, {days}.")
    if changes.not_compared:
        before = [_BEFORE[kind] for kind in changes.not_compared]
        sentences.append(f"Not compared with {_listed(before)}: the first day with payments is {changes.first}.")
    return sentences


def outliers(figures: Figures) -> str | None:
    """Return which days have totals that are far above those of the others; None if there are none."""
    days = figures.summary.outliers
    if not days:
        return None
    named = [f"{day} ({money(total)})" for day, total in list(days.items())[:_LISTED_OUTLIERS]]
    more = f" and {len(days) - len(named):,} more" if len(days) > len(named) else ""
    return f"{FAR_OUT} Far above the other days: {', '.join(named)}{more}."


def outliers_in(figures: Figures, days: Span) -> bool:
    """Return whether a span has such a day."""
    return any(days.first <= day <= days.last for day in figures.summary.outliers)


def moved(mover: Mover) -> str:
    """Return how a company's total changed."""
    return f"{money_change(mover.change)} ({relative_change(mover.later, mover.earlier)})"


def gaps(days: Gaps) -> Sequence[str]:
    """Return on which days no company had payments."""
    looked_at = f"the {plural(days.span.days, 'day')} from {span(days.span)}"
    if days.span.days == 1:
        sentences = []
    elif days.days:
        sentences = [f"No payments on {len(days.days)} of {looked_at}: {_days(days.days)}."]
    else:
        sentences = [f"Payments on each of {looked_at}."]
    if days.since is not None:
        sentences.append(f"None since {days.span.last}, for {plural(days.since.days, 'day')} up to {days.since.last}.")
    return sentences


def company_gaps(days: Gaps) -> Sequence[str]:
    """Return which companies lacked payments, though they have some on most days."""
    if days.latest is None:
        return []
    if not days.companies:
        return [f"No company that has payments on most days lacked any from {span(days.latest)}."]
    companies = plural(len(days.companies), "company", "companies")
    listed = f", {_LISTED_COMPANIES} of them listed" if len(days.companies) > _LISTED_COMPANIES else ""
    have, were = ("has", "was") if len(days.companies) == 1 else ("have", "were")
    return [f"{companies} that {have} payments on most days {were} without on some of the last 7{listed}:"]


def listed_company_gaps(days: Gaps) -> Sequence[CompanyGap]:
    """Return those of them that are listed."""
    return days.companies[:_LISTED_COMPANIES]


def company_gap(gap: CompanyGap) -> str:
    """Return the days that a company lacks."""
    return _days(gap.days_without)


def trend(shares: Trend) -> str:
    """Return what is counted."""
    return {"refunded": "Refunded", "charged_back": "Charged back", "rejected": "Rejected rows"}[shares.name]


def trend_now(shares: Trend) -> str:
    """Return the share now."""
    return _ratio(shares.later)


def trend_before(shares: Trend) -> str:
    """Return the share before, and when that was."""
    if shares.earlier is None:
        return ""
    return f"{_ratio(shares.earlier)} before"


def trend_scope(shares: Sequence[Trend]) -> str:
    """Return of what the shares are, and of when."""
    sentences = []
    for one in shares:
        if one.later_span is not None:
            before = f", and {span(one.earlier_span)}" if one.earlier_span is not None else ""
            sentences.append(f"Of the paid charges of {span(one.later_span)}{before}; later refunds still to come.")
            break
    loads = len(shares[-1].parts) - 1
    before = f", and of the {plural(loads, 'load')} before" if loads else ""
    return " ".join([*sentences, f"Rejected: of the rows of the newest load{before}."])


def newest_load(load: NewestLoad) -> str:
    """Return whether the newest load is usual."""
    name = f"Load {load.load_id}"
    if load.rows is None:
        return (
            f"{name} cannot be judged: that takes {FEWEST_LOADS_BEFORE} earlier loads of the format {load.format}, "
            f"and there {'is' if load.loads_before == 1 else 'are'} {load.loads_before or 'none'}."
        )
    return f"{name} is unusual." if load.is_unusual else f"{name} is as usual."


def newest_load_values(load: NewestLoad) -> Sequence[tuple[str, bool]]:
    """Return sentences about the newest load and those before it, and for each whether its value is unusual."""
    if load.rows is None or load.amount is None or load.rejected is None:
        return []

    def sentence(usual: Usual, show: Callable[[Decimal], str], noun: str) -> tuple[str, bool]:
        files = f"the last {usual.loads} files"
        if usual.usual < usual.loads:
            files = f"{usual.usual} of {files}"
        low, high = show(usual.low), show(usual.high)
        had = low if low == high else f"{low} to {high}"
        return f"{show(usual.value)} {noun}; {files} had {had}.", usual.is_unusual

    return [
        sentence(load.rows, lambda rows: f"{rows:,.0f}", "rows"),
        sentence(load.amount, money, "paid and refunded"),
        sentence(load.rejected, lambda share: f"{100 * share:.2f} %", "of the rows rejected"),
    ]


def _ratio(ratio: Ratio) -> str:
    return percentage(ratio.part, ratio.whole)


def _days(days: Sequence[date]) -> str:
    """Return the newest days, oldest first, and how many others there are."""
    named = [weekday(day) for day in days[-_LISTED_DAYS:]]
    more = len(days) - len(named)
    return f"{more:,} earlier and {_listed(named)}" if more else _listed(named)


def _listed(parts: Sequence[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last
