"""The raw schema as Parquet files partitioned by load, for the engines that take over from PostgreSQL.

docs/extract.md describes the layout, on which they rely.
"""

import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import psycopg2.errors
from psycopg2 import sql as statements

from ingest.columns import Column
from ingest.database import default_conninfo, sql
from ingest.errors import ExtractError
from ingest.extract import (
    as_json,
    columns_of,
    copy_to_parquet,
    description,
    relation_statement,
    snapshot,
    written_to,
)
from ingest.files import directory_written_atomically, locked, written_atomically
from ingest.report import PartitionedExtractReport

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

LOADS = Path("loads", "loads.parquet")
ROWS = "rows.parquet"
METADATA = "_metadata.json"

Progress = Callable[[int], None]
# What tells a load from one of the same number in another warehouse: the digest of its file and when it arrived.
Identity = tuple[str, datetime]


@dataclass(frozen=True)
class Table:
    """A table of the raw schema whose rows belong to loads."""

    name: str
    load_column: str
    row_column: str

    @property
    def relation(self) -> statements.Identifier:
        """The table's name, quoted."""
        return statements.Identifier("raw", self.name)


TABLES = (Table("raw_transactions", "_load_id", "_row_number"), Table("rejected_rows", "load_id", "row_number"))


def extract_partitioned(
    directory: Path, db_connection: str | None = None, on_progress: Progress = lambda _: None
) -> PartitionedExtractReport:
    """Bring a directory up to date with the raw schema: add loads that are new, remove those that are gone.

    All of them appear, and disappear, with one rename: that of the list of loads. Extracts to the same directory wait
    for each other. What one that was killed has left behind, the next one removes.

    Args:
        directory: where to; made if it is missing.
        db_connection: libpq connection string or URI. None: what the PG* variables name, else the embedded server.
        on_progress: called with the number of bytes read from the server so far.

    Raises:
        ExtractError: nothing was ever loaded, the directory holds another warehouse's loads, or cannot be written.
        ConnectionFailedError: the server cannot be reached, or the connection broke.
    """
    started = time.monotonic()
    conninfo = db_connection or default_conninfo()
    # The lock comes first, so that no snapshot is older than what another extract has just published.
    with written_to(directory, "raw"), locked(directory / ".lock"), snapshot(conninfo) as (cursor, snapshot_time):
        loads = _loads(cursor)
        published = _published(directory)
        _refuse_another_warehouse(directory, loads, published)
        _remove_all_but(directory, published)
        added = [load for load in sorted(loads) if not _is_there(directory, load)]
        extracted = _Extracted(cursor, snapshot_time, on_progress)
        for load in added:
            for table in TABLES:
                extracted.write(directory, table, load)
        if loads != published or not (directory / LOADS).exists():
            with written_atomically(directory / LOADS) as stream:
                extracted.write_loads(stream)
        _remove_all_but(directory, loads)
    return PartitionedExtractReport(
        output=str(directory),
        loads=len(loads),
        loads_added=tuple(added),
        loads_removed=tuple(sorted(published.keys() - loads.keys())),
        rows_added=extracted.rows,
        seconds=time.monotonic() - started,
    )


def partition(directory: Path, table: Table, load: int) -> Path:
    """Where the rows of a load are. The key is called `load` because no column of the files is."""
    return directory / table.name / f"load={load}"


class _Extracted:
    """What one snapshot gives."""

    def __init__(self, cursor: "cursor", snapshot_time: datetime, on_progress: Progress) -> None:
        self._cursor = cursor
        self._snapshot_time = snapshot_time
        self._on_progress = on_progress
        self._bytes = 0
        self._columns = {table: columns_of(cursor, table.relation) for table in TABLES}
        self.rows = 0

    def write(self, directory: Path, table: Table, load: int) -> None:
        """Write the partition of a load, if it is not there."""
        target = partition(directory, table, load)
        if target.exists():
            return
        statement = statements.SQL(sql("copy_load")).format(
            relation=table.relation,
            load_column=statements.Identifier(table.load_column),
            row_column=statements.Identifier(table.row_column),
            load_id=statements.Literal(load),
        )
        with directory_written_atomically(target) as temporary:
            file = temporary / ROWS
            with file.open("wb") as stream:
                figures = self._write_parquet(stream, self._columns[table], statement)
            about = {"relation": f"raw.{table.name}", "load_id": load}
            (temporary / METADATA).write_bytes(as_json(about | description(file, self._snapshot_time, figures)))
        self.rows += figures["rows"]

    def write_loads(self, stream: BinaryIO) -> None:
        """Write the list of loads."""
        relation = statements.Identifier("raw", "loads")
        self._write_parquet(stream, columns_of(self._cursor, relation), relation_statement(relation))

    def _write_parquet(
        self, stream: BinaryIO, columns: list[Column], statement: statements.Composable
    ) -> dict[str, Any]:
        before = self._bytes

        def advance(done: int) -> None:
            self._bytes = before + done
            self._on_progress(self._bytes)

        return copy_to_parquet(self._cursor, statement, columns, stream, advance)


def _loads(cursor: "cursor") -> dict[int, Identity]:
    try:
        cursor.execute(sql("select_loads"))
    except psycopg2.errors.UndefinedTable:
        raise ExtractError(
            "There is no raw schema to extract: load a file first (python -m ingest load FILE)."
        ) from None
    return {load_id: (sha256, finished_at) for load_id, sha256, finished_at in cursor}


def _published(directory: Path) -> dict[int, Identity]:
    """The loads that readers see."""
    import pyarrow.parquet

    if not (directory / LOADS).exists():
        return {}
    try:
        table = pyarrow.parquet.read_table(directory / LOADS, columns=["load_id", "sha256", "finished_at"])
    except pyarrow.ArrowInvalid:
        raise ExtractError(
            f"{directory / LOADS} is not the list of loads that an extract writes: "
            "choose another --output, or delete that directory."
        ) from None
    return {row["load_id"]: (row["sha256"], row["finished_at"]) for row in table.to_pylist()}


def _refuse_another_warehouse(directory: Path, loads: dict[int, Identity], published: dict[int, Identity]) -> None:
    """Raise ExtractError if a number stands for two loads: the files of one would be taken for the other's."""
    for load in loads.keys() & published.keys():
        if loads[load] != published[load]:
            raise ExtractError(
                f"{directory} holds the loads of another warehouse (its load {load} is not ours): "
                "choose another --output, or delete that directory."
            )


def _is_there(directory: Path, load: int) -> bool:
    return all(partition(directory, table, load).exists() for table in TABLES)


def _remove_all_but(directory: Path, loads: Collection[int]) -> None:
    """Remove the partitions of other loads, and what is half-written."""
    for found in (directory / LOADS).parent.glob(f".{LOADS.name}.*"):
        found.unlink()
    for table in TABLES:
        kept = {partition(directory, table, load) for load in loads}
        for pattern in ("load=*", ".load=*"):
            for found in (directory / table.name).glob(pattern):
                if found not in kept:
                    shutil.rmtree(found)
