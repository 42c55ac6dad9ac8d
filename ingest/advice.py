"""What the user should know about a file whose records cannot all be read, and do. Pure functions."""

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.encodings import likely_encoding
from ingest.formats import Format
from ingest.reading import Rejects
from ingest.records import INVALID_ENCODING, WRONG_FIELD_COUNT
from ingest.remote import is_remote
from ingest.texts import fields_of
from warehouse.texts import printable

# More unreadable rows than that are worth a warning, as more rejected ones are to the test reject_ratio of the models;
# of fewer rows than five, such as a correction by hand, a share says nothing.
_HIGH_REJECT_RATIO = 0.01
_FEWEST_ROWS = 5

_LONGEST_EXAMPLE = 60


def reject_ratio_warning(rows: int, rejected: int) -> str | None:
    """Return what is said of a file with an unusual share of unreadable rows; None for others."""
    if rows < _FEWEST_ROWS or rejected <= _HIGH_REJECT_RATIO * rows:
        return None
    return (
        f"{rejected:,} of {rows:,} rows ({rejected / rows:.1%}) cannot be read and are not loaded; more than "
        f"{_HIGH_REJECT_RATIO:.0%} is unusual. They are in raw.rejected_rows with the reasons."
    )


def encoding_advice(rejects: Rejects, encoding: str, command: str) -> str | None:
    """Return which encoding would read most of the records that are not valid in UTF-8; None if none would.

    Args:
        rejects: The rejected records.
        encoding: The encoding in which the file was read.
        command: How to read the file once more, to which the encoding is added.
    """
    invalid = rejects.samples.get(INVALID_ENCODING)
    if not invalid or encoding != "utf-8":
        return None
    found = likely_encoding([record for _, record in invalid])
    if found is None:
        return None
    number, record = invalid[0]
    shown = printable(record.decode(found, errors="replace"))
    shown = shown if len(shown) <= _LONGEST_EXAMPLE else f"{shown[:_LONGEST_EXAMPLE]}…"
    return (
        f"{_rows(rejects.reasons[INVALID_ENCODING])} not valid in {encoding}. In {found}, row {number:,} is "
        f"{shown!r}. If that looks right, {command} --encoding {found}"
    )


def field_count_advice(rejects: Rejects, fields: int, delimiter: bytes, rows: int) -> str | None:
    """Return what is said if most rows of a file have the same wrong number of fields; None otherwise."""
    wrong = rejects.samples.get(WRONG_FIELD_COUNT)
    if not wrong or rejects.reasons[WRONG_FIELD_COUNT] * 2 <= rows:
        return None
    found, count = Counter(len(fields_of(record, delimiter)) for _, record in wrong).most_common(1)[0]
    if count * 2 <= len(wrong):
        return None
    return (
        f"Most rows have {found} fields, but the header names {fields} columns. A delimiter at the end must be in "
        "all lines or in none; a number at the beginning of each row needs a name in the header."
    )


def backslash_advice(rejects: Rejects) -> str | None:
    """Return what is said of records that escape quotes by backslashes; None if there are none."""
    records = (record for samples in rejects.samples.values() for _, record in samples)
    escaped = sum(b'\\"' in record for record in records)
    if not escaped:
        return None
    return (
        f'{_rows(escaped)} rejected that have \\" in them. In CSV (RFC 4180), a quote inside quotes is written twice, '
        "and a backslash means nothing. docs/ingest.md says how to convert such a file."
    )


def other_format_warning(known: Mapping[str, Any], chosen: Format) -> str | None:
    """Return how a load differs from what the user asks for, and how to replace it; None if it does not differ.

    Args:
        known: The load, as raw.loads has it: load_id, format, has_header, meaning.
        chosen: The format that the user asks for.
    """
    meaning = known["meaning"] or {}
    others = [
        f"{column} {meaning.get(column)!r}, not {value!r}"
        for column, value in chosen.constants.items()
        if meaning.get(column) != value
    ]
    if known["format"] != chosen.name:
        difference = f"has the format {known['format']}, not {chosen.name}"
    elif chosen.has_no_header and known["has_header"]:
        difference = "was read with a header"
    elif others:
        difference = f"has {'; '.join(others)}"
    elif meaning != (chosen.meaning_of_load() or {}):
        difference = f"has another version of the format {chosen.name}"
    else:
        return None
    return printable(f"load {known['load_id']} {difference}. To replace it, add --force.")


def load_again(path: str, options: Mapping[str, object]) -> str:
    """Return the command that loads a file again.

    Args:
        path: The path of the file, which is left out if it is an address: that may hold passwords.
        options: The options of the load and their values; None or nothing for those that were not given.
    """
    words = ["python", "-m", "ingest", "load", "--force", "FILE" if is_remote(path) else path]
    for name, value in options.items():
        for one in value if isinstance(value, Sequence) and not isinstance(value, str) else [value]:
            words += [] if one in (None, False) else [name] if one is True else [name, str(one)]
    return printable(shlex.join(words))


def _rows(number: int) -> str:
    return f"{number:,} row{' is' if number == 1 else 's are'}"
