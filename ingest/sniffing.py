"""Guess how a file of an unknown format is laid out. Pure functions: no file, no database."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.formats import DELIMITERS
from ingest.header import MOST_LINES_BEFORE_HEADER
from ingest.records import Grammar
from ingest.texts import fields_of
from ingest.trailer import MOST_LINES_AFTER_ROWS

# How many records of the sample are looked at.
_MOST_RECORDS = 1000
_LONGEST_NAME = 100

_LINE_ENDS = re.compile(rb"[\r\n]*+")
_LINE = re.compile(rb"[^\r\n]*+")
_LETTER = re.compile(r"[^\W\d_]")
_VALUE = re.compile(r"\s*[-+(]?\s*[$€£¥]?\s*[.]?[0-9]")

# How a line of totals begins.
_TOTALS = frozenset(
    ("total", "totals", "totales", "totais", "sum", "sums", "suma", "soma", "summe", "summen", "gesamt", "gesamtsumme",
     "gesamtbetrag", "subtotal", "grand", "somme", "totaux", "saldo", "solde", "balance", "rows", "records", "count",
     "end")
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Where the records of a file are.

    Attributes:
        delimiter: Field delimiter.
        header: The names of the columns, as they are written.
        lines_before: The lines before the header that are not blank.
        records: The first records after the header with as many fields.
    """

    delimiter: str
    header: tuple[str, ...]
    lines_before: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]


def find_table(sample: bytes, delimiter: str | None = None) -> Table | None:
    """Return the table in the first bytes of a file; None if no line looks like the names of two columns or more.

    Args:
        sample: The first bytes, in UTF-8.
        delimiter: Field delimiter, if it is known.
    """
    tables = [_table(sample, each) for each in ([delimiter] if delimiter else DELIMITERS)]
    found = [(score, table) for score, table in tables if table is not None]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def find_end(tail: bytes, table: Table) -> tuple[str | None, tuple[str, ...]]:
    """Return how the line begins that ends the rows, and all lines from there on.

    Args:
        tail: The last bytes of the file, in UTF-8.
        table: The table of the file.

    Returns:
        A marker for the format, or None if the lines have nothing in common with one; and the lines, none if the file
        ends with its rows.
    """
    lines = [line for line in re.split(rb"[\r\n]+", tail) if line.strip()]
    delimiter = table.delimiter.encode()
    first = len(lines)
    while len(lines) - first < MOST_LINES_AFTER_ROWS and first > 0:
        values = fields_of(lines[first - 1], delimiter)
        if len(values) == len(table.header) and not _is_total(values):
            break
        first -= 1
    if first in (0, len(lines)):
        return None, ()
    return _marker(fields_of(lines[first], delimiter)), tuple(line.decode(errors="replace") for line in lines[first:])


def words(text: str) -> str:
    """Return a name as words in lower-case ASCII letters and digits, with one space between them."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).casefold().replace("ß", "ss")
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", parted) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


def _table(sample: bytes, delimiter: str) -> tuple[tuple[float, int], Table | None]:
    lines = list(_records(sample, delimiter))
    widths = Counter(len(values) for _, values in lines if len(values) > 1)
    if not widths:
        return (0, 0), None
    width, _ = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
    for at, (_, values) in enumerate(lines[: MOST_LINES_BEFORE_HEADER + 1]):
        if len(values) == width and are_names(values):
            after = [tuple(other) for _, other in lines[at + 1 :]]
            rows = [other for other in after if len(other) == width]
            share = len(rows) / len(after) if after else 1.0
            before = tuple(text for text, _ in lines[:at])
            if share > 0.5 and len(before) <= max(len(rows), 10):
                header = tuple(value.strip() for value in values)
                return (round(share, 1), width), Table(delimiter, header, before, tuple(rows))
    return (0, 0), None


def are_names(values: Sequence[str]) -> bool:
    """Return whether the values of a record look like names of columns."""
    filled = [value.strip() for value in values if value.strip()]
    return (
        len(filled) > 1
        and len(filled) > 0.7 * len(values)
        and all(_LETTER.search(value) and len(value) <= _LONGEST_NAME for value in filled)
        and not any(_VALUE.match(value) for value in filled)
        and len({value.casefold() for value in filled}) > 0.7 * len(filled)
    )


def _records(sample: bytes, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    grammar = Grammar(delimiter.encode())
    position = _LINE_ENDS.match(sample).end()  # type: ignore[union-attr]
    for _ in range(_MOST_RECORDS):
        if position >= len(sample):
            return
        found = grammar.any_record.match(sample, position) or _LINE.match(sample, position)
        record = found[0]  # type: ignore[index]
        if record.strip(delimiter.encode() + b" \t"):
            yield record.decode(errors="replace"), fields_of(record, delimiter.encode())
        position = _LINE_ENDS.match(sample, position + len(record)).end()  # type: ignore[union-attr]


def _is_total(values: Sequence[str]) -> bool:
    """Whether a record of the right width is no row: it begins with such a word and leaves something empty."""
    first = words(values[0]) if values else ""
    return first.split(" ")[0] in _TOTALS and not all(value.strip() for value in values)


def _marker(values: Sequence[str]) -> str | None:
    """How the first field begins, without the figures in it."""
    text = values[0].strip()[:_LONGEST_NAME] if values else ""
    found = re.match(r"[^0-9]*[^0-9\s:=.,(-]", text)
    return found[0][:40] if found else None
