"""What the marts must hold for given raw rows, computed without the SQL: the data rules once more, in plain Python.

It is written to be obviously right, not quick, and shares nothing with `dbt_project/`. Tests compare the two.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

WHITE_SPACE = " \t\n\r\f\v"
ANY_SPACE = WHITE_SPACE + "".join(filter(str.isspace, map(chr, range(0x80, 0x110000)))) + "\u200b\u2060\ufeff"
STATUSES = frozenset(
    ("paid", "voided", "pending_payment", "refunded", "charged_back", "pre_authorized", "expired", "partially_refunded")
)
SUMMARISED_STATUSES = frozenset(("paid", "refunded"))
CENT = Decimal("0.01")
LARGEST_AMOUNT = Decimal("99999999999999.99")
LONGEST_IDENTIFIER = 24
LONGEST_NAME = 130

AMOUNT = re.compile(r"([+-]?)([0-9]*)[.]?([0-9]*)(?:[eE]([+-]?)([0-9]+))?")
USABLE_COMPANY_ID = re.compile(r"[A-Za-z0-9_-]+")
# Decimal digits alone are a number, perhaps with zeros before it.
DIGEST = re.compile(r"(?=.*[a-f])[0-9a-f]+")
TIMESTAMP = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})-([0-9]{2})|([0-9]{2})([0-9]{2}))"
    r"(?:[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.]([0-9]{1,6}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))?)?"
)


@dataclass(frozen=True)
class RawRow:
    """One row of raw.raw_transactions."""

    load_id: int
    row_number: int
    id: str | None = None
    name: str | None = None
    company_id: str | None = None
    amount: str | None = None
    status: str | None = None
    created_at: str | None = None
    paid_at: str | None = None


@dataclass(frozen=True)
class Company:
    """One row of companies."""

    company_id: str
    company_name: str
    created_at: datetime
    updated_at: datetime
    source_id: str


@dataclass(frozen=True)
class Charge:
    """One row of charges."""

    id: str
    company_id: str
    amount: Decimal
    status: str
    created_at: datetime
    updated_at: datetime | None
    source_id: str
    load_id: int
    row_number: int


@dataclass(frozen=True)
class SummaryRow:
    """One row of daily_transaction_summary."""

    transaction_date: date
    company_name: str
    company_id: str
    total_amount: Decimal
    transaction_count: int


@dataclass(frozen=True)
class Marts:
    """What a build must publish.

    Attributes:
        companies: by company_id.
        charges: by id.
        rejected: reasons by load and row number, in the order of the rules.
        superseded: how many accepted rows a later row with the same id replaced.
        summary: newest day first, then the largest total.
    """

    companies: dict[str, Company]
    charges: dict[str, Charge]
    rejected: dict[tuple[int, int], tuple[str, ...]]
    superseded: int
    summary: list[SummaryRow]


def expected_marts(rows: Iterable[RawRow], arrivals: Mapping[int, datetime]) -> Marts:
    """The marts that a build over these rows must give.

    Args:
        rows: the rows of raw.raw_transactions, in any order.
        arrivals: when each load had arrived, in UTC without a zone, by load id.
    """
    ordered = sorted(rows, key=lambda row: (row.load_id, row.row_number))
    companies = _companies(ordered, arrivals)
    by_source_id = {company.source_id: company for company in companies}
    names = Counter(company.company_name for company in companies)
    by_unique_name = {company.company_name: company for company in companies if names[company.company_name] == 1}

    charges: dict[str, Charge] = {}
    rejected: dict[tuple[int, int], tuple[str, ...]] = {}
    superseded = 0
    for row in ordered:
        source_id = trimmed_of_any_space(row.id)
        amount = parse_amount(row.amount)
        status = parse_status(row.status)
        created_at = parse_timestamp(row.created_at)
        paid_at = parse_timestamp(row.paid_at)
        company_id = usable_company_id(row.company_id)
        name = usable_name(row.name)
        company = by_source_id.get(company_id) if company_id else by_unique_name.get(name) if name else None

        verdicts = {
            "missing_id": not source_id,
            "invalid_amount": amount is None,
            "unknown_status": not status,
            "invalid_created_at": not created_at,
            "invalid_paid_at": bool(trimmed(row.paid_at)) and not paid_at,
            "unresolved_company": not company,
        }
        if source_id and amount is not None and status and created_at and company and not any(verdicts.values()):
            key = fit_identifier(source_id)
            replaced = charges.get(key)
            if replaced is not None:
                if replaced.source_id != source_id:
                    raise ValueError(f"{source_id} and {replaced.source_id} are both shortened to {key}")
                superseded += 1
            charges[key] = Charge(
                key,
                company.company_id,
                amount,
                status,
                created_at,
                paid_at,
                source_id,
                row.load_id,
                row.row_number,
            )
        else:
            rejected[row.load_id, row.row_number] = tuple(reason for reason, holds in verdicts.items() if holds)

    return Marts(
        companies={company.company_id: company for company in companies},
        charges=charges,
        rejected=rejected,
        superseded=superseded,
        summary=_summary(charges.values(), {company.company_id: company.company_name for company in companies}),
    )


def trimmed(text: str | None) -> str | None:
    """The text without ASCII white space around it; None if nothing is left."""
    return (text or "").strip(WHITE_SPACE) or None


def trimmed_of_any_space(text: str | None) -> str | None:
    """The text without white space of Unicode, or anything without a width, around it; None if nothing is left."""
    return (text or "").strip(ANY_SPACE) or None


def parse_amount(text: str | None) -> Decimal | None:
    """The amount in cents precision, rounded half away from zero; None if the rule refuses it."""
    found = AMOUNT.fullmatch(trimmed(text) or "")
    if found is None:
        return None
    sign, whole, fraction, exponent_sign, exponent_digits = found.groups(default="")
    if not whole + fraction:
        return None
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return Decimal("0.00")
    if sign == "-":
        return None
    # No text is a thousand million characters long, so a longer exponent decides alone.
    exponent = int(f"{exponent_sign}{exponent_digits.lstrip('0')[:10] or '0'}") - len(fraction)
    integer_digits = len(digits) + exponent
    if integer_digits > 14:
        return None
    if integer_digits < -2:
        return Decimal("0.00")
    context = Context(prec=len(digits) + 20, Emin=-(10**9), Emax=10**9)
    amount = context.scaleb(Decimal(digits), exponent).quantize(CENT, ROUND_HALF_UP, context)
    return amount if amount <= LARGEST_AMOUNT else None


def parse_status(text: str | None) -> str | None:
    """The status in lower case; None if it is none of the known ones. Only ASCII letters have a case here."""
    status = (trimmed(text) or "").encode().lower().decode()
    return status if status in STATUSES else None


def parse_timestamp(text: str | None) -> datetime | None:
    """The time in UTC, without a zone; None if the rule refuses it."""
    found = TIMESTAMP.fullmatch(trimmed(text) or "")
    if found is None:
        return None
    year, month, day, compact_month, compact_day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    offset = timedelta()
    if sign:
        if int(hours) > 23 or int(minutes) > 59:
            return None
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        local = datetime(
            int(year),
            int(month or compact_month),
            int(day or compact_day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "").ljust(6, "0")),
        )
        return local - offset
    except (ValueError, OverflowError):
        return None


def usable_company_id(text: str | None) -> str | None:
    """The company id, if it can tell companies apart."""
    company_id = trimmed(text)
    return company_id if company_id and USABLE_COMPANY_ID.fullmatch(company_id) else None


def usable_name(text: str | None) -> str | None:
    """The name, if it fits the column of company names."""
    name = trimmed_of_any_space(text)
    return name if name and len(name) <= LONGEST_NAME else None


def fit_identifier(source_id: str) -> str:
    """The identifier of at most 24 characters that stands for a source's."""
    if len(source_id) <= LONGEST_IDENTIFIER:
        return source_id
    if DIGEST.fullmatch(source_id):
        return source_id[:LONGEST_IDENTIFIER]
    return hashlib.sha256(source_id.encode()).hexdigest()[:LONGEST_IDENTIFIER]


def _companies(rows: Iterable[RawRow], arrivals: Mapping[int, datetime]) -> list[Company]:
    names: dict[str, Counter[str]] = defaultdict(Counter)
    times: dict[str, set[datetime]] = defaultdict(set)
    for row in rows:
        company_id, name = usable_company_id(row.company_id), usable_name(row.name)
        if company_id:
            times[company_id].add(arrivals[row.load_id])
            if name:
                names[company_id][name] += 1
    return [
        Company(
            fit_identifier(company_id),
            max(counts, key=lambda name: (counts[name], name)),
            min(times[company_id]),
            max(times[company_id]),
            company_id,
        )
        for company_id, counts in names.items()
    ]


def _summary(charges: Iterable[Charge], names: Mapping[str, str]) -> list[SummaryRow]:
    amounts: dict[tuple[date, str], list[Decimal]] = defaultdict(list)
    for charge in charges:
        if charge.status in SUMMARISED_STATUSES:
            amounts[charge.created_at.date(), charge.company_id].append(charge.amount)
    summary = [
        SummaryRow(day, names[company_id], company_id, sum(values, Decimal(0)), len(values))
        for (day, company_id), values in amounts.items()
    ]
    return sorted(summary, key=lambda row: (-row.transaction_date.toordinal(), -row.total_amount, row.company_id))
