"""Derive the columns of a file from its first record. Pure functions: no file, no database."""

import csv
import re
from collections import Counter
from dataclasses import dataclass

from ingest.errors import HeaderError
from ingest.records import Grammar

# The columns of raw.raw_transactions that come from a file, in the order of a file without a header.
COLUMNS = ("id", "name", "company_id", "amount", "status", "created_at", "paid_at")

# How much of a file is looked at before the load: its first record has to end within, and its line ends are counted in
# this much, whatever the blocks in which the file is read.
SAMPLE_BYTES = 64 << 10

# The first record is data, not names, if its amount or its created_at starts as a number or a date does.
_AMOUNT, _CREATED_AT = COLUMNS.index("amount"), COLUMNS.index("created_at")
_NUMBER = re.compile(r"\s*[+-]?[.]?[0-9]")

_RUN_OF_LINE_ENDS = re.compile(rb"[\r\n]+")


@dataclass(frozen=True)
class Layout:
    """The layout of the records in one file.

    Attributes:
        columns: The columns of raw.raw_transactions, in the order of the file.
        used: The index of the field of each of these columns.
        fields: Number of fields per record.
        ignored: Names of the fields that are not loaded.
        terminator: The most frequent run of CR and LF.
        has_header: Whether the first record names the columns.
        start: Offset of the first byte after the header record; 0 without a header.
    """

    columns: tuple[str, ...]
    used: tuple[int, ...]
    fields: int
    ignored: tuple[str, ...]
    terminator: bytes
    has_header: bool
    start: int


def read_layout(sample: bytes, delimiter: bytes) -> Layout:
    """Derive the layout of a file from its first bytes.

    Args:
        sample: The first SAMPLE_BYTES of the file, or all of a shorter file, in UTF-8 without a byte order mark.
        delimiter: One byte.

    Raises:
        HeaderError: The sample is blank, its first record lacks or repeats a required column name, or its first
            record names no column and does not look like data.
    """
    blank = re.compile(rb"(?:[\r\n]|%b*+[\r\n])*+" % re.escape(delimiter)).match(sample)
    first = blank.end() if blank else 0
    record = Grammar(delimiter).any_record.match(sample, first)
    if first == len(sample):
        raise HeaderError("the file is empty; provide a file with a header or rows.")
    if record is None or (record.end() == len(sample) == SAMPLE_BYTES):
        raise HeaderError(
            f"the first record cannot be read: no line of fields ends within the first {SAMPLE_BYTES // 1024} KiB. "
            "Check that the file is CSV, that its quotes match, and that --delimiter is right."
        )
    values = next(csv.reader([record[0].decode(errors="replace")], delimiter=delimiter.decode()))
    names = [value.strip().lower() for value in values]
    named = [name for name in names if name in COLUMNS]
    terminator = _terminator(sample)
    if not named and len(values) == len(COLUMNS) and any(_NUMBER.match(values[at]) for at in (_AMOUNT, _CREATED_AT)):
        return Layout(COLUMNS, tuple(range(len(COLUMNS))), len(COLUMNS), (), terminator, has_header=False, start=0)
    _check_names(names, named, values)
    used = tuple(index for index, name in enumerate(names) if name in COLUMNS)
    ignored = tuple(value.strip() for value, name in zip(values, names, strict=True) if name not in COLUMNS)
    return Layout(tuple(named), used, len(values), ignored, terminator, has_header=True, start=record.end())


def _check_names(names: list[str], named: list[str], values: list[str]) -> None:
    missing = [column for column in COLUMNS if column not in named]
    if missing:
        found = ", ".join(repr(value[:40]) for value in values[:20])
        raise HeaderError(
            f"the header lacks {', '.join(missing)}; found {found}. "
            f"Name the columns {', '.join(COLUMNS)}, in any order, or check --delimiter."
        )
    repeated = sorted({name for name in named if names.count(name) > 1})
    if repeated:
        raise HeaderError(f"the header names {', '.join(repeated)} more than once: name each column exactly once.")


def _terminator(sample: bytes) -> bytes:
    """Return the most frequent run of line ends, excluding a run that the end of the sample may have cut."""
    whole = sample if len(sample) < SAMPLE_BYTES else sample.rstrip(b"\r\n")
    runs = Counter(_RUN_OF_LINE_ENDS.findall(whole))
    return runs.most_common(1)[0][0] if runs else b"\n"
