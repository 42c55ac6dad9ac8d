"""What the values of a column prove about how they are written. Pure functions: no file, no database."""

import functools
import re
from collections import Counter
from dataclasses import dataclass, field

from ingest.vocabulary import CURRENCIES

# More different values than that are no statuses.
MOST_DISTINCT = 60

_SIGNS = " \u00a0\u202f$€£¥"
_APOSTROPHES = str.maketrans("\u2019\u00a0\u202f", "'  ")
_AMOUNT = re.compile(r"[+-]?(?:[0-9]+(?:[., '][0-9]+)*|[.,][0-9]+)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([., '])[0-9]{3})+(?:([.,])[0-9]+)?")
_PLAIN = re.compile(r"[+-]?[0-9]*([.,])[0-9]+")

_YEAR_FIRST = re.compile(r"[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}(?![0-9])")
_COMPACT = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-][0-9]{4}(?![0-9])")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?")
_OFFSET = re.compile(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$")
# A date that no format can describe: with the name of a month, or with two digits for the year.
_OTHER_DATE = re.compile(
    r"(?:[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}|(?:\w+,? )?[0-9]{1,2}[. -]+[^\W\d_]{3,10}[., -]+[0-9]{2,4}"
    r"|[^\W\d_]{3,10}[. -]+[0-9]{1,2},? [0-9]{4})(?![0-9])"
)

# What an amount says of the marks in it: "decimal ,", "group .", or "either ," of one that may be both.
INTEGER = "integer"
# What a date says.
YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "year-month-day", "day-month-year", "month-day-year"
AMBIGUOUS, UNREADABLE = "ambiguous", "unreadable"


@functools.lru_cache(maxsize=4096)
def amount_evidence(value: str) -> frozenset[str] | None:
    """Return what an amount proves about its marks; None if the value is no amount."""
    text = value.strip(_SIGNS).translate(_APOSTROPHES)
    if not _AMOUNT.fullmatch(text) or len(text) > 40:
        return None
    if text.lstrip("+-").isdigit():
        return frozenset([INTEGER])
    if grouped := _GROUPED.fullmatch(text):
        group, decimal = grouped.groups()
        groups = text.count(group)
        if decimal and decimal != group:
            return frozenset([f"group {group}", f"decimal {decimal}"])
        if not decimal and (groups > 1 or group in " '"):
            return frozenset([f"group {group}"])
        if not decimal:
            return frozenset([f"either {group}"])
        return None
    if plain := _PLAIN.fullmatch(text):
        return frozenset([f"decimal {plain[1]}"])
    return None


@functools.lru_cache(maxsize=4096)
def date_evidence(value: str) -> str | None:
    """Return the order of a date, as far as the value proves it; None if the value is no date."""
    text = value.strip()
    if _YEAR_FIRST.match(text) or _COMPACT.match(text):
        return YEAR_FIRST
    if found := _YEAR_LAST.match(text):
        first, second = int(found[1]), int(found[2])
        if first > 12 and second > 12:
            return UNREADABLE
        if first > 12:
            return DAY_FIRST
        return MONTH_FIRST if second > 12 else AMBIGUOUS
    return UNREADABLE if _OTHER_DATE.match(text) else None


def is_clock(value: str) -> bool:
    """Return whether a value is a time of day alone."""
    return _CLOCK.fullmatch(value.strip()) is not None


@dataclass
class Column:
    """The values of one column, counted in bounded memory.

    Attributes:
        filled: Number of values that are not blank.
        values: The different values and how often they are there, at most MOST_DISTINCT of them.
        has_more_values: Whether there are more different values.
        amounts: What amounts prove, and how often.
        dates: What dates prove, and how often.
        amount_count: Number of amounts.
        negatives: Number of those below zero.
        clocks: Number of times of day.
        with_time: Number of dates with a time of day.
        with_offset: Number of those that say their offset from UTC.
        currencies: Number of codes of currencies.
        signs: Signs of currencies in amounts, and how often.
        example: A date that no format can describe.
    """

    filled: int = 0
    values: Counter[str] = field(default_factory=Counter)
    has_more_values: bool = False
    amounts: Counter[str] = field(default_factory=Counter)
    dates: Counter[str] = field(default_factory=Counter)
    amount_count: int = 0
    negatives: int = 0
    clocks: int = 0
    with_time: int = 0
    with_offset: int = 0
    currencies: int = 0
    signs: Counter[str] = field(default_factory=Counter)
    example: str | None = None

    def add(self, value: str) -> None:
        """Count one value."""
        text = value.strip()
        if not text:
            return
        self.filled += 1
        if text in self.values or len(self.values) < MOST_DISTINCT:
            self.values[text] += 1
        else:
            self.has_more_values = True
        if len(text) == 3 and text.upper() in CURRENCIES:
            self.currencies += 1
        elif (date := date_evidence(text)) is not None:
            self.dates[date] += 1
            if date == UNREADABLE:
                self.example = self.example or text[:40]
            if ":" in text:
                self.with_time += 1
                self.with_offset += _OFFSET.search(text) is not None
            # Eight digits may be both.
            self._add_amount(text)
        elif is_clock(text):
            self.clocks += 1
        else:
            self._add_amount(text)

    def share(self, count: int) -> float:
        """Return the share of a count in the values that are not blank."""
        return count / self.filled if self.filled else 0.0

    def _add_amount(self, text: str) -> None:
        if (amount := amount_evidence(text)) is not None:
            self.amount_count += 1
            self.negatives += "-" in text and text.strip("-0., $€£¥") != ""
            self.amounts.update(amount)
            self.signs.update(sign for sign in "$€£¥" if sign in text)


def distinct_share(values: list[str]) -> float:
    """Return the share of different values in those that are not blank."""
    filled = [value for value in values if value.strip()]
    return len(set(filled)) / len(filled) if filled else 0.0
