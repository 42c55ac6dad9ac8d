"""The versions of the raw schema: each file in `sql/migrations` migrates it to the next version."""

import time
from pathlib import Path

from psycopg2.errors import InsufficientPrivilege, LockNotAvailable, UndefinedColumn
from psycopg2.extensions import cursor

from ingest.errors import SchemaVersionError

_MIGRATIONS = Path(__file__).with_name("sql") / "migrations"

# The migration that brought the table that versions are recorded in.
_FIRST_RECORDED_VERSION = 2

# Which tables are there tells the versions apart that recorded none. The first migration makes three at once.
_INSTALLED_VERSION = """
select
    case
        when to_regclass('raw.schema_version') is not null then 2
        when to_regclass('raw.rejected_rows') is not null then 1
        else 0
    end,
    num_nonnulls(to_regclass('raw.loads'), to_regclass('raw.raw_transactions'), to_regclass('raw.rejected_rows'))
"""
_FIRST_TABLES = 3
_NEWEST_VERSION = "select max(version) from raw.schema_version"
# Readers of a table queue behind a migration that waits for one of them, so it waits for a moment only and tries again.
_WAIT_FOR_A_MOMENT = "savepoint migrations; set local lock_timeout = '500ms'"
_GIVE_UP = "rollback to savepoint migrations"
_WAIT_AS_BEFORE = "select set_config('lock_timeout', %s, true)"
_SECONDS_BETWEEN_TRIES = 1

_NOT_OURS = (
    "The schema raw of this database holds tables that are not those of this program, so nothing was changed: "
    "choose another database with PGDATABASE, or rename that schema."
)

_RECORD_VERSION = "insert into raw.schema_version (version, migration) values (%s, %s)"


def migration_files() -> list[Path]:
    """Return all migrations in order: the first migrates to version 1, the second to version 2, and so on."""
    return sorted(_MIGRATIONS.glob("*.sql"))


def is_up_to_date(cursor: cursor) -> bool:
    """Return whether no migration is missing.

    Raises:
        SchemaVersionError: The raw schema is newer than this program, or holds tables of somebody else.
    """
    return not _missing(cursor)[1]


def bring_up_to_date(cursor: cursor) -> list[str]:
    """Apply the missing migrations in the transaction of the caller, who must hold the ingest lock.

    Returns:
        The names of the applied migrations.

    Raises:
        SchemaVersionError: The raw schema is newer than this program, or holds tables of somebody else, or this role
            may not change it.
    """
    installed, missing = _missing(cursor)
    try:
        if missing:
            _apply_when_nobody_reads(cursor, installed, missing)
    except InsufficientPrivilege:
        raise SchemaVersionError(
            f"The raw schema has version {installed}, but this program needs {installed + len(missing)}: "
            "run `python -m ingest migrate` as the owner of the raw schema."
        ) from None
    return [file.stem for file in missing]


def _apply_when_nobody_reads(cursor: cursor, installed: int, missing: list[Path]) -> None:
    cursor.execute("show lock_timeout")
    ((lock_timeout,),) = cursor.fetchall()
    while True:
        cursor.execute(_WAIT_FOR_A_MOMENT)
        try:
            for file in missing:
                cursor.execute(file.read_text(encoding="utf-8"))
            for version, file in enumerate(missing, installed + 1):
                cursor.execute(_RECORD_VERSION, [version, file.stem])
        except LockNotAvailable:
            cursor.execute(_GIVE_UP)
            time.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            cursor.execute(_WAIT_AS_BEFORE, [lock_timeout])
            return


def _missing(cursor: cursor) -> tuple[int, list[Path]]:
    """Return the version of the raw schema and the migrations that it lacks."""
    files = migration_files()
    installed = _installed_version(cursor)
    if installed > len(files):
        raise SchemaVersionError(
            f"The raw schema has version {installed}, but this program supports at most {len(files)}: upgrade it."
        )
    return installed, files[installed:]


def _installed_version(cursor: cursor) -> int:
    cursor.execute(_INSTALLED_VERSION)
    ((version, tables),) = cursor.fetchall()
    if tables != (_FIRST_TABLES if version else 0):
        raise SchemaVersionError(_NOT_OURS)
    if version == _FIRST_RECORDED_VERSION:
        try:
            cursor.execute(_NEWEST_VERSION)
        except UndefinedColumn:
            raise SchemaVersionError(_NOT_OURS) from None
        ((version,),) = cursor.fetchall()
    return int(version)
