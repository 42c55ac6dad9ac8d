"""The versions of the raw schema: each file in `sql/migrations` leads from one to the next."""

from typing import TYPE_CHECKING

from psycopg2.errors import InsufficientPrivilege

from ingest.errors import SchemaVersionError
from ingest.statements import SQL, sql

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

# The migration that brought the table that versions are recorded in.
FIRST_RECORDED_VERSION = 2


def migration_names() -> list[str]:
    """The names of all migrations, in order: the first one leads to version 1, the second one to 2 and so on."""
    return sorted(file.stem for file in SQL.glob("migrations/*.sql"))


def bring_up_to_date(cursor: "cursor") -> list[str]:
    """Apply the migrations that the database lacks, in the caller's transaction and under its ingest lock.

    Returns:
        The names of those that were applied.

    Raises:
        SchemaVersionError: the raw schema is newer than this program, or is not ours to change.
    """
    names = migration_names()
    installed = _installed_version(cursor)
    if installed > len(names):
        raise SchemaVersionError(
            f"The raw schema has version {installed} and this program knows {len(names)} at most: use a newer program."
        )
    try:
        for name in names[installed:]:
            cursor.execute(sql(f"migrations/{name}"))
        for version, name in enumerate(names[installed:], installed + 1):
            cursor.execute(sql("insert_schema_version"), {"version": version, "migration": name})
    except InsufficientPrivilege:
        raise SchemaVersionError(
            f"The raw schema has version {installed} and this program needs {len(names)}: "
            "run `python -m ingest migrate` as the owner of the raw schema."
        ) from None
    return names[installed:]


def _installed_version(cursor: "cursor") -> int:
    cursor.execute(sql("installed_version"))
    ((version,),) = cursor.fetchall()
    if version == FIRST_RECORDED_VERSION:
        cursor.execute(sql("newest_schema_version"))
        ((version,),) = cursor.fetchall()
    return int(version)
