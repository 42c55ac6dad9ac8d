"""Extract the marts: every table and view of a schema that has a description, as Parquet files from one snapshot."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psycopg2 import extensions, sql

from ingest.errors import ExtractError
from ingest.extract import as_json, copy_to_parquet, description, extract_errors, relation_statement, snapshot
from ingest.results import SchemaExtractReport
from warehouse.connection import default_conninfo
from warehouse.files import locked, remove, written_atomically

METADATA = "_metadata.json"

# The models describe their marts in the database, and neither what they build these from nor what they keep for
# themselves.
_DESCRIBED_RELATIONS = """
select relname
from pg_class
where
    relnamespace = to_regnamespace(quote_ident(%s))
    and relkind in ('r', 'p', 'v', 'm')
    and obj_description(oid, 'pg_class') is not null
order by relname
"""


def extract_schema(
    schema: str,
    directory: Path,
    db_connection: str | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> SchemaExtractReport:
    """Write each described table and view of a schema to `<directory>/<name>.parquet`, all from one snapshot.

    The files are written beside the existing ones first and then renamed, one right after the other, so a reader sees
    whole files at any time, whatever is killed. `_metadata.json` is written last and describes all of them. Files of
    relations that no longer exist are removed if an earlier extract wrote them. Extracts to the same directory run one
    at a time.

    Args:
        schema: Name of the schema.
        directory: Output directory; created if it does not exist.
        db_connection: A libpq connection string or URI. Defaults to the PG* variables, else the embedded server.
        on_progress: Called with the size in bytes of each block read from the server.

    Raises:
        ExtractError: The schema has no described table or view, a value fits no Parquet type, or a file cannot be
            written.
        ConnectionFailedError: The server cannot be reached, or the connection was lost.
    """
    started = time.monotonic()
    conninfo = db_connection or default_conninfo()
    with extract_errors(directory, schema), locked(directory / ".lock"), snapshot(conninfo) as (cursor, snapshot_time):
        names = _described_relations(cursor, schema)
        for left_behind in directory.glob(".*.part"):
            remove(left_behind)
        written: dict[str, Path] = {}
        described = {}
        for name in names:
            relation = sql.Identifier(schema, name)
            file = directory / f".{name}.parquet.part"
            figures = copy_to_parquet(cursor, relation, relation_statement(relation), file, on_progress)
            written[name] = file
            described[name] = {
                **description(file, snapshot_time, figures),
                "file": f"{name}.parquet",
                "relation": f"{schema}.{name}",
            }
        vanished = _files_of_the_last_extract(directory) - {f"{name}.parquet" for name in names}
        for name, file in written.items():
            with written_atomically(directory / f"{name}.parquet") as temporary:
                file.replace(temporary)
        for file_name in vanished:
            remove(directory / file_name)
        with written_atomically(directory / METADATA) as file:
            file.write_bytes(as_json({"snapshot_time": snapshot_time.isoformat(), "relations": described}))
    return SchemaExtractReport(
        output=str(directory),
        rows={name: figures["rows"] for name, figures in described.items()},
        bytes=sum(figures["bytes"] for figures in described.values()),
        seconds=time.monotonic() - started,
    )


def _described_relations(cursor: extensions.cursor, schema: str) -> list[str]:
    cursor.execute(_DESCRIBED_RELATIONS, [schema])
    names = [name for (name,) in cursor.fetchall()]
    if not names:
        raise ExtractError(
            f"The schema {schema!r} has no table or view with a description: build the models first (dbt build)."
        )
    unusable = [name for name in names if "/" in name or name.startswith(".")]
    if unusable:
        raise ExtractError(f"{unusable[0]!r} cannot be a file name: extract it separately with --relation.")
    return names


def _files_of_the_last_extract(directory: Path) -> set[str]:
    """Return the names of the files that an earlier extract wrote here; of nobody else's."""
    try:
        known: dict[str, Any] = json.loads((directory / METADATA).read_bytes())["relations"]
        return {Path(str(relation["file"])).name for relation in known.values()}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return set()
