"""Choose which days to compare with which. Both sides have as many days, and all of them were over."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)

# Before that, the calendar does not go back far enough. Dates in the year 1 are what some programs write for none.
_EARLIEST = date.min + timedelta(days=62)


class Kind(StrEnum):
    """What is compared."""

    DAY = "day"
    WEEKDAY = "weekday"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Span:
    """Consecutive days, the first and the last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    def each(self) -> Sequence[date]:
        """Return the days, oldest first."""
        return [self.first + place * _DAY for place in range(self.days)]


@dataclass(frozen=True)
class Sums:
    """What the daily summary holds of a span.

    Attributes:
        span: The days.
        total: Sum of the amounts.
        transactions: Number of transactions.
        days: Number of days with transactions.
    """

    span: Span
    total: Decimal
    transactions: int
    days: int


@dataclass(frozen=True)
class Comparison:
    """Two spans of the same length."""

    kind: Kind
    later: Sums
    earlier: Sums


def spans_to_compare(newest: date) -> Mapping[Kind, tuple[Span, Span]]:
    """Return for each kind of comparison the later and the earlier span.

    A month that goes further than the one before is compared up to the last day that both have. Of the first days that
    there are, in the year 1, nothing is compared.

    Args:
        newest: The last day of what is compared.
    """
    if newest < _EARLIEST:
        return {}
    week = Span(newest - 6 * _DAY, newest)
    month_before = newest.replace(day=1) - _DAY
    last = min(newest.day, calendar.monthrange(month_before.year, month_before.month)[1])
    return {
        Kind.DAY: (Span(newest, newest), Span(newest - _DAY, newest - _DAY)),
        Kind.WEEKDAY: (Span(newest, newest), Span(newest - _WEEK, newest - _WEEK)),
        Kind.WEEK: (week, Span(week.first - _WEEK, week.last - _WEEK)),
        Kind.MONTH: (
            Span(newest.replace(day=1), newest.replace(day=last)),
            Span(month_before.replace(day=1), month_before.replace(day=last)),
        ),
    }


def sums_of(span: Span, days: Mapping[date, Any]) -> Sums:
    """Return what the daily summary holds of a span.

    Args:
        span: The days.
        days: For each day with transactions, a row with their `total` and their number, `transactions`.
    """
    found = [days[day] for day in span.each() if day in days]
    return Sums(
        span=span,
        total=sum((row.total for row in found), Decimal("0.00")),
        transactions=sum(row.transactions for row in found),
        days=len(found),
    )
