"""The text of records, for people and for comparisons. Pure functions: no file, no database."""

import csv


def fields_of(record: bytes, delimiter: bytes) -> list[str]:
    """Return the values of one record in UTF-8; bytes that are not are replaced."""
    return next(csv.reader([record.decode(errors="replace")], delimiter=delimiter.decode()), [])
