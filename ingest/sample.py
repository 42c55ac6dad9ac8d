"""Generate synthetic payments with known defects in constant memory; the same seed gives the same bytes."""

import hashlib
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from ingest.errors import ExtractError
from ingest.formats import COLUMNS
from ingest.results import Report
from warehouse.files import written_atomically

HEADER = ",".join(COLUMNS).encode()

# As the provider ends its lines: Windows line ends, written once more through a text file on Windows.
LINE_END = b"\r\r\n"

_FIRST_DAY = date(2019, 1, 1)

_TOO_LARGE = ("7.0e31", "4.0e198765432109", "9876543210987654321.25", "12345678901234567.0")
_FLOAT_NOISE = ("57.319999999999", "61.45000000000001")
_UNKNOWN_STATUSES = ("p\x26id0x1f", "0xDEAD")

# What a provider's real file holds: in how many rows of every 10,000 it is, in which column, and what the value there
# becomes in which turn. Each defective row has one defect.
_DEFECTS: dict[str, tuple[int, str, Callable[[str, int], str]]] = {
    "missing_id": (3, "id", lambda _value, _turn: ""),
    "blank_name": (3, "name", lambda _value, _turn: ""),
    "garbled_name": (2, "name", lambda value, turn: value[: 3 + turn % 4] + "0xFFFF"),
    "blank_company_id": (4, "company_id", lambda _value, _turn: ""),
    "masked_company_id": (1, "company_id", lambda _value, _turn: "*******"),
    "amount_too_large": (4, "amount", lambda _value, turn: _TOO_LARGE[turn % len(_TOO_LARGE)]),
    "amount_outlier": (1, "amount", lambda _value, _turn: "98765432109.87"),
    "amount_float_noise": (2, "amount", lambda _value, turn: _FLOAT_NOISE[turn % len(_FLOAT_NOISE)]),
    "unknown_status": (2, "status", lambda _value, turn: _UNKNOWN_STATUSES[turn % len(_UNKNOWN_STATUSES)]),
    "compact_date": (2, "created_at", lambda value, _turn: value.replace("-", "")),
    "timestamp_for_date": (1, "created_at", lambda value, _turn: value + "T00:00:00"),
}
DEFECTS_PER_BLOCK = {name: count for name, (count, _, _) in _DEFECTS.items()}
_BLOCK_ROWS = 10_000

# The statuses of a real file and how many in 10,000 rows have each.
STATUSES = {
    "paid": 5895,
    "voided": 2083,
    "pending_payment": 1880,
    "refunded": 93,
    "charged_back": 21,
    "pre_authorized": 18,
    "expired": 8,
    "partially_refunded": 2,
}
_SETTLED = ("paid", "refunded", "charged_back", "partially_refunded")

_ADJECTIVES = (
    "Bright", "Calm", "Clear", "Copper", "Coral", "Early", "Eastern", "Fair", "Fresh", "Golden", "Grand", "Green",
    "Happy", "High", "Honest", "Little", "Lucky", "Merry", "Modern", "Noble", "Northern", "Open", "Plain", "Proud",
    "Quick", "Quiet", "Red", "Rapid", "Silver", "Simple", "Smart", "Southern", "Steady", "Sunny", "Swift", "True",
)  # fmt: skip
_NOUNS = (
    "Bakery", "Bikes", "Books", "Café", "Cinema", "Clinic", "Coffee", "Couriers", "Electrics", "Farm", "Flowers",
    "Furniture", "Garden", "Gym", "Hardware", "Hostel", "Hotel", "Kitchen", "Laundry", "Market", "Museum", "Music",
    "Optics", "Pharmacy", "Phones", "Pottery", "School", "Shoes", "Sports", "Studio", "Tailors", "Tickets", "Tools",
    "Toys", "Travel", "Wines",
)  # fmt: skip

MAX_COMPANIES = len(_ADJECTIVES) * len(_NOUNS)


@dataclass(frozen=True)
class SampleReport(Report):
    """The contents of a sample.

    Attributes:
        output: Path of the output file.
        seed: Random seed of the sample.
        rows: Number of data rows.
        defects: Number of rows with each defect, by its name in DEFECTS_PER_BLOCK.
    """

    output: str
    seed: int
    rows: int
    defects: dict[str, int]


def write_sample(output: Path, *, rows: int, seed: int, companies: int = 5, days: int = 140) -> SampleReport:
    """Write a CSV file of synthetic payments, completely or not at all.

    Args:
        output: Output file.
        rows: Number of data rows.
        seed: Random seed; the same seed with the same other arguments gives the same bytes.
        companies: Number of companies, 1 to MAX_COMPANIES.
        days: Number of days, from 2019-01-01, that the payments are spread over.

    Raises:
        ExtractError: The file cannot be written.
    """
    defects: Counter[str] = Counter()
    try:
        with written_atomically(output) as file, file.open("wb") as stream:
            stream.write(HEADER + LINE_END)
            for block in _blocks(rows, seed, companies, days, defects):
                stream.write(block)
    except OSError as error:
        raise ExtractError(f"{output}: {error.strerror}. Choose another --output.") from None
    return SampleReport(str(output), seed, rows, {name: defects[name] for name in DEFECTS_PER_BLOCK})


def _blocks(rows: int, seed: int, companies: int, days: int, defects: Counter[str]) -> Iterator[bytes]:
    """Yield the rows in blocks of _BLOCK_ROWS, and count their defects."""
    # Only random() itself gives the same numbers in every version of Python.
    chance = random.Random(seed).random
    names = _company_names(companies, chance)
    company_ids = [hashlib.sha1(f"{seed} {name}".encode(), usedforsecurity=False).hexdigest() for name in names]
    # A few companies make most of the payments: the k-th one a k-th of the first one's.
    company_limits = list(accumulate(1 / rank for rank in range(1, companies + 1)))
    statuses = [status for status, count in STATUSES.items() for _ in range(count)]
    dates = [(_FIRST_DAY + timedelta(days=day)).isoformat() for day in range(days + 3)]
    for start in range(0, rows, _BLOCK_ROWS):
        defect_at = _place_defects(chance)
        lines = []
        for number in range(start, min(start + _BLOCK_ROWS, rows)):
            company = bisect_right(company_limits, chance() * company_limits[-1])
            day = int(chance() * days)
            status = statuses[int(chance() * len(statuses))]
            row = [
                hashlib.sha1(b"%d %d" % (seed, number), usedforsecurity=False).hexdigest(),
                names[company],
                company_ids[company],
                str(round(3 + 400 * chance() ** 4, 2)),
                status,
                dates[day],
                dates[day + int(chance() * 3)] if status in _SETTLED else "",
            ]
            if defect := defect_at.get(number - start):
                _, column, damaged = _DEFECTS[defect]
                field = COLUMNS.index(column)
                row[field] = damaged(row[field], defects[defect])
                defects[defect] += 1
            lines.append(",".join(row))
        ending = LINE_END.decode()
        yield (ending.join(lines) + ending).encode()


def _company_names(count: int, chance: Callable[[], float]) -> list[str]:
    names = [f"{adjective} {noun}" for adjective in _ADJECTIVES for noun in _NOUNS]
    return sorted(names, key=lambda _: chance())[:count]


def _place_defects(chance: Callable[[], float]) -> dict[int, str]:
    """Return which defect each defective row of a block has, by its place in the block."""
    places: dict[int, str] = {}
    for defect, count in DEFECTS_PER_BLOCK.items():
        for _ in range(count):
            place = int(chance() * _BLOCK_ROWS)
            while place in places:
                place = (place + 1) % _BLOCK_ROWS
            places[place] = defect
    return places
