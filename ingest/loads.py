"""The loads in the raw schema, as rows in raw.loads."""

from collections.abc import Mapping
from typing import Any

from psycopg2.extensions import cursor
from psycopg2.extras import Json

# The identity of row numbers starts again: the ingest lock is ours, so no other load uses it.
_BEGIN_LOAD = """
select
    nextval(pg_get_serial_sequence('raw.loads', 'load_id')),
    setval(pg_get_serial_sequence('raw.raw_transactions', '_row_number'), 1, false)
"""
_INSERT_LOAD = """
insert into raw.loads (
    load_id, source_name, sha256, bytes, encoding, line_terminator, has_header,
    rows_read, rows_loaded, rows_rejected, blank_records, lines_before_header, lines_after_rows, format, meaning,
    started_at, finished_at
)
values (
    %(load_id)s, %(source_name)s, %(sha256)s, %(bytes)s, %(encoding)s, %(line_terminator)s, %(has_header)s,
    %(rows_read)s, %(rows_loaded)s, %(rows_rejected)s, %(blank_records)s, %(lines_before_header)s, %(lines_after_rows)s,
    %(format)s, %(meaning)s, transaction_timestamp(), clock_timestamp()
)
"""
_DELETE_LOAD = """
with removed as (delete from raw.loads where load_id = %(load_id)s)
delete from raw.raw_transactions where _load_id = %(load_id)s
"""

_FIND_LOAD = """
select
    load_id, source_name as loaded_as, sha256, bytes, encoding, line_terminator, has_header,
    rows_read, rows_loaded, rows_rejected, blank_records, lines_before_header, lines_after_rows, format, meaning
from raw.loads
where sha256 = %s
"""
_MAY_BE_LOADED = "select exists (select from raw.loads where bytes = %s or source_name = %s)"


def begin_load(cursor: cursor) -> int:
    """Return the number of a new load. The caller must hold the ingest lock."""
    cursor.execute(_BEGIN_LOAD)
    ((load_id, _),) = cursor.fetchall()
    return int(load_id)


def insert_load(cursor: cursor, load_id: int, figures: Mapping[str, Any], meaning: Mapping[str, Any] | None) -> None:
    """Add a load to raw.loads.

    Args:
        cursor: A cursor in the transaction of the load.
        load_id: Number of the load.
        figures: What is known of it, by the names of `LoadReport`.
        meaning: What its values mean, as its format says; None for the standard format.
    """
    cursor.execute(_INSERT_LOAD, {"load_id": load_id, **figures, "meaning": None if meaning is None else Json(meaning)})


def delete_load(cursor: cursor, load_id: int) -> None:
    """Delete a load and its rows from the raw schema."""
    cursor.execute(_DELETE_LOAD, {"load_id": load_id})


def find_load(cursor: cursor, sha256: str) -> dict[str, Any] | None:
    """Return the load with this content: its meaning, and its figures as `LoadReport` names them; None without one."""
    cursor.execute(_FIND_LOAD, [sha256])
    found = cursor.fetchone()
    return dict(zip((column.name for column in cursor.description or ()), found, strict=True)) if found else None


def may_be_loaded(cursor: cursor, size: int, source_name: str) -> bool:
    """Return whether a file of this size in bytes or this name may already be loaded, so that hashing it pays off.

    The name matters too, because the content size of a compressed file is unknown until the file is read.
    """
    cursor.execute(_MAY_BE_LOADED, [size, source_name])
    return cursor.fetchone() == (True,)
