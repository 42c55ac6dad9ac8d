"""Extract the raw schema as Parquet files partitioned by load, for engines such as Spark.

These engines rely on the layout that docs/extract.md describes.
"""

import itertools
import time
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

import psycopg2.errors
from psycopg2 import extensions, sql

from ingest.errors import ExtractError
from ingest.extract import as_json, copy_to_parquet, description, extract_errors, relation_statement, snapshot
from ingest.results import PartitionedExtractReport
from warehouse.connection import default_conninfo
from warehouse.files import locked, remove, written_atomically

LOADS = Path("loads", "loads.parquet")
ROWS = "rows.parquet"
METADATA = "_metadata.json"

# The tables of the raw schema whose rows belong to loads, and their columns that say which load and which row.
_TABLES = {"raw_transactions": ("_load_id", "_row_number"), "rejected_rows": ("load_id", "row_number")}

_LOADS_OF_WAREHOUSE = "select load_id, sha256, finished_at from raw.loads"
_COPY_LOAD = sql.SQL(
    "copy (select * from {table} where {load} = {load_id} order by {row}) to stdout with (format csv, encoding 'UTF8')"
)

Progress = Callable[[int], None]
# What tells a load from one of the same number in another warehouse: the digest of its file and when it arrived.
Identity = tuple[str, datetime]


def extract_partitioned(
    directory: Path, db_connection: str | None = None, on_progress: Progress = lambda _: None
) -> PartitionedExtractReport:
    """Bring a directory up to date with the raw schema: add new loads and remove deleted ones.

    Renaming the list of loads publishes all changes at once. Extracts to the same directory run one at a time. An
    extract removes the files that a killed extract left behind.

    Args:
        directory: Output directory; created if it does not exist.
        db_connection: A libpq connection string or URI. Defaults to the PG* variables, else the embedded server.
        on_progress: Called with the size in bytes of each block read from the server.

    Raises:
        ExtractError: The raw schema does not exist, or the directory holds the loads of another warehouse or cannot
            be written.
        ConnectionFailedError: The server cannot be reached, or the connection was lost.
    """
    started = time.monotonic()
    conninfo = db_connection or default_conninfo()
    # The lock comes first, so that no snapshot is older than what another extract has just published.
    with extract_errors(directory, "raw"), locked(directory / ".lock"), snapshot(conninfo) as (cursor, snapshot_time):
        loads = _loads(cursor)
        published = _published(directory)
        _refuse_another_warehouse(directory, loads, published)
        _remove_all_but(directory, published)
        wanted = [(load, table) for load in sorted(loads) for table in _TABLES]
        missing = [(load, table) for load, table in wanted if not partition(directory, table, load).exists()]
        rows_added = 0
        for load, table in missing:
            with written_atomically(partition(directory, table, load)) as temporary:
                rows_added += _write_partition(cursor, temporary, table, load, snapshot_time, on_progress)
        if loads != published or not (directory / LOADS).exists():
            with written_atomically(directory / LOADS) as file:
                relation = sql.Identifier("raw", "loads")
                copy_to_parquet(cursor, relation, relation_statement(relation), file, on_progress)
        _remove_all_but(directory, loads)
    return PartitionedExtractReport(
        output=str(directory),
        loads=len(loads),
        loads_added=tuple(sorted({load for load, _ in missing})),
        loads_removed=tuple(sorted(published.keys() - loads.keys())),
        rows_added=rows_added,
        seconds=time.monotonic() - started,
    )


def partition(directory: Path, table: str, load: int) -> Path:
    """Return the directory of the rows of a load. The key is named `load` because no column has that name."""
    return directory / table / f"load={load}"


def _write_partition(
    cursor: extensions.cursor, directory: Path, table: str, load: int, snapshot_time: datetime, on_progress: Progress
) -> int:
    """Write the rows of a load and their metadata; return the number of rows."""
    directory.mkdir()
    relation = sql.Identifier("raw", table)
    load_column, row_column = map(sql.Identifier, _TABLES[table])
    statement = _COPY_LOAD.format(table=relation, load=load_column, load_id=sql.Literal(load), row=row_column)
    rows = directory / ROWS
    figures = copy_to_parquet(cursor, relation, statement, rows, on_progress)
    about = {"relation": f"raw.{table}", "load_id": load, **description(rows, snapshot_time, figures)}
    (directory / METADATA).write_bytes(as_json(about))
    return int(figures["rows"])


def _loads(cursor: extensions.cursor) -> dict[int, Identity]:
    try:
        cursor.execute(_LOADS_OF_WAREHOUSE)
    except psycopg2.errors.UndefinedTable:
        raise ExtractError(
            "The database has no raw schema to extract: load a file first (python -m ingest load FILE)."
        ) from None
    return {load_id: (sha256, finished_at) for load_id, sha256, finished_at in cursor}


def _published(directory: Path) -> dict[int, Identity]:
    """Return the loads that are visible to readers."""
    import pyarrow.parquet

    if not (directory / LOADS).exists():
        return {}
    try:
        table = pyarrow.parquet.read_table(directory / LOADS, columns=["load_id", "sha256", "finished_at"])
    except (pyarrow.ArrowInvalid, OSError) as error:
        # Arrow's own have no number, those of the system do.
        if getattr(error, "errno", None) is not None:
            raise
        raise ExtractError(
            f"{directory / LOADS} is not a list of loads written by an extract: "
            "choose another --output, or delete that directory."
        ) from None
    return {row["load_id"]: (row["sha256"], row["finished_at"]) for row in table.to_pylist()}


def _refuse_another_warehouse(directory: Path, loads: dict[int, Identity], published: dict[int, Identity]) -> None:
    """Raise ExtractError if two different loads have the same number, since their files would be confused."""
    for load in loads.keys() & published.keys():
        if loads[load] != published[load]:
            raise ExtractError(
                f"{directory} holds the loads of another warehouse (its load {load} is a different one): "
                "choose another --output, or delete that directory."
            )


def _remove_all_but(directory: Path, loads: Collection[int]) -> None:
    """Remove the partitions of all other loads, and incomplete files."""
    kept = {partition(directory, table, load) for table in _TABLES for load in loads}
    half_written = (directory / LOADS).parent.glob(f".{LOADS.name}.*")
    partitions = (directory.glob(f"{table}/{name}") for table in _TABLES for name in ("load=*", ".load=*"))
    for found in itertools.chain(half_written, *partitions):
        if found not in kept:
            remove(found)
