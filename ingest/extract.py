"""Extract a relation from the warehouse as Parquet or CSV, from one snapshot and in constant memory."""

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, cast

from psycopg2 import extensions, sql

from ingest.columns import MAX_DECIMAL_DIGITS, Column
from ingest.copying import copying
from ingest.errors import ExtractError
from ingest.prefetch import prefetched
from ingest.results import ExtractReport
from warehouse import connection
from warehouse.files import written_atomically

_RAW_TRANSACTIONS = "raw.raw_transactions"

COPY_BLOCK_BYTES = 4 << 20

# Rows come in the order in which they lie, times in UTC and bytes as digits, so that the same rows give the same file.
_BEGIN_EXTRACT = """
select
    transaction_timestamp(),
    set_config('timezone', 'UTC', true),
    set_config('bytea_output', 'hex', true),
    set_config('synchronize_seqscans', 'off', true)
"""
_HAS_RELATION = "select to_regclass(%s) is not null"
_COPY_RELATION = sql.SQL(
    "copy (select * from {relation}) to stdout with (format csv, header {header}, encoding 'UTF8')"
)
# For its columns.
_NO_ROWS = sql.SQL("select * from {} limit 0")
_TYPE_NAMES = "select oid, typname from pg_type where oid = any(%s::oid[])"
_LARGEST_SCALE = sql.SQL("select coalesce(max(scale({column})), 0) from {relation}")


class DataExtractor:
    """Extracts relations to files.

    Args:
        db_connection: A libpq connection string or URI. Defaults to the PG* variables, else the embedded server.
    """

    def __init__(self, db_connection: str | None = None) -> None:
        self._db_connection = db_connection
        self._metadata: dict[str, Any] = {}

    def extract_to_csv(self, output_path: str, relation: str = _RAW_TRANSACTIONS) -> str:
        """Write a relation as CSV with a header and return the path. NULL is an empty field, '' a quoted empty field.

        Raises:
            ExtractError: The relation does not exist, or the file cannot be written.
            ConnectionFailedError: The server cannot be reached, or the connection was lost.
        """
        return self.extract(relation, "csv", output_path).output

    def extract_to_parquet(self, output_path: str, relation: str = _RAW_TRANSACTIONS) -> str:
        """Write a relation as Parquet (zstd) with the types of its columns, and return the path.

        Raises:
            ExtractError: The relation does not exist, a value fits no Parquet type, or the file cannot be written.
            ConnectionFailedError: The server cannot be reached, or the connection was lost.
        """
        return self.extract(relation, "parquet", output_path).output

    def get_extraction_metadata(self) -> dict[str, Any]:
        """Return the metadata of the latest extraction by this object; empty before the first one."""
        return dict(self._metadata)

    def extract(
        self, relation: str, file_format: str, output_path: str, on_progress: Callable[[int], None] = lambda _: None
    ) -> ExtractReport:
        """Write a relation to a file and its metadata to `<file>.metadata.json`, each completely or not at all.

        Args:
            relation: Table or view as `schema.name`.
            file_format: `parquet` or `csv`.
            output_path: The output file; an existing file is replaced at the end.
            on_progress: Called with the size in bytes of each block read from the server.

        Raises:
            ExtractError: The relation or format does not exist, a value fits no Parquet type, or the file cannot be
                written.
            ConnectionFailedError: The server cannot be reached, or the connection was lost.
        """
        if file_format not in ("parquet", "csv"):
            raise ExtractError(f"Unknown format {file_format!r}: choose parquet or csv.")
        started = time.monotonic()
        output = Path(output_path)
        conninfo = self._db_connection or connection.default_conninfo()
        with extract_errors(output, relation):
            with snapshot(conninfo) as (cursor, snapshot_time):
                identifier = _identifier(cursor, relation)
                with written_atomically(output) as file:
                    if file_format == "parquet":
                        statement = relation_statement(identifier)
                        figures = copy_to_parquet(cursor, identifier, statement, file, on_progress)
                    else:
                        figures = _copy_to_csv(cursor, identifier, file, on_progress)
            about = {"relation": relation, "format": file_format}
            self._metadata = about | description(output, snapshot_time, figures)
            with written_atomically(metadata_path(output)) as file:
                file.write_bytes(as_json(self._metadata))
        return ExtractReport(
            output=str(output),
            metadata=str(metadata_path(output)),
            relation=relation,
            format=file_format,
            rows=figures["rows"],
            bytes=self._metadata["bytes"],
            sha256=self._metadata["sha256"],
            seconds=time.monotonic() - started,
        )


@contextlib.contextmanager
def snapshot(conninfo: str) -> Iterator[tuple[extensions.cursor, datetime]]:
    """Open a read-only cursor on a snapshot of the warehouse, and yield it with the time of the snapshot.

    Raises:
        ConnectionFailedError: The server cannot be reached or refuses the connection.
        ServerVersionError: The server is older than PostgreSQL 17.
    """
    with connection.snapshot(conninfo) as cursor:
        cursor.execute(_BEGIN_EXTRACT)
        yield cursor, cursor.fetchone()[0]  # type: ignore[index]


def metadata_path(output: Path) -> Path:
    """Return the path of the metadata of an extracted file."""
    return output.with_name(output.name + ".metadata.json")


def description(file: Path, snapshot_time: datetime, figures: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata of a file that was written, including the given figures."""
    with file.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return {
        "file": file.name,
        "bytes": file.stat().st_size,
        "sha256": digest,
        "snapshot_time": snapshot_time.isoformat(),
        **figures,
    }


def as_json(metadata: dict[str, Any]) -> bytes:
    """Return metadata as the bytes of a JSON file."""
    return json.dumps(metadata, indent=2, default=str).encode() + b"\n"


def _identifier(cursor: extensions.cursor, relation: str) -> sql.Identifier:
    """Return the quoted name of the relation; raise ExtractError if no relation has this name."""
    parts = relation.split(".")
    if len(parts) == 2 and all(parts):
        identifier = sql.Identifier(*parts)
        cursor.execute(_HAS_RELATION, [identifier.as_string(cursor)])
        if cursor.fetchone() == (True,):
            return identifier
    raise ExtractError(
        f"There is no relation {relation!r}: name a table or view as schema.name, such as {_RAW_TRANSACTIONS} "
        "(load a file first) or analytics.charges (build the models first)."
    )


def _columns_of(cursor: extensions.cursor, relation: sql.Identifier) -> list[Column]:
    """Return the columns of the relation. A numeric without a scale gets the largest scale in the snapshot."""
    cursor.execute(_NO_ROWS.format(relation))
    described = cursor.description or ()
    cursor.execute(_TYPE_NAMES, [[column.type_code for column in described]])
    types = dict(cursor.fetchall())
    columns = []
    for column in described:
        name, kind, precision, scale = column.name, types[column.type_code], column.precision, column.scale
        if kind == "numeric" and (precision is None or precision > MAX_DECIMAL_DIGITS):
            cursor.execute(_LARGEST_SCALE.format(column=sql.Identifier(name), relation=relation))
            precision, scale = MAX_DECIMAL_DIGITS, cursor.fetchone()[0]  # type: ignore[index]
        columns.append(Column(name, kind, precision, scale))
    return columns


def copy_to_parquet(
    cursor: extensions.cursor,
    relation: sql.Identifier,
    statement: sql.Composable,
    file: Path,
    on_progress: Callable[[int], None],
) -> dict[str, Any]:
    """Write the rows of a COPY as Parquet, and return figures from the statistics in the Parquet file."""
    from ingest.parquet import write_parquet

    def copy(put: Callable[[bytes], None]) -> None:
        _copy_rows(cursor, statement, put, on_progress)

    columns = _columns_of(cursor, relation)
    with prefetched(copy) as blocks:
        return write_parquet(file, columns, blocks)


def _copy_to_csv(
    cursor: extensions.cursor, relation: sql.Identifier, file: Path, on_progress: Callable[[int], None]
) -> dict[str, Any]:
    """Write the rows as CSV, and return figures from a query on the same snapshot."""
    with file.open("wb") as stream:
        _copy_rows(cursor, relation_statement(relation, header=True), stream.write, on_progress)
    columns = _columns_of(cursor, relation)
    measures: list[sql.Composable] = [sql.SQL("count(*)")]
    for column in columns:
        value = sql.Identifier(column.name)
        measures.append(sql.SQL("count(*) - count({})").format(value))
        if column.is_ordered:
            measures += [sql.SQL("min({})").format(value), sql.SQL("max({})").format(value)]
    cursor.execute(sql.SQL("select {} from {}").format(sql.SQL(", ").join(measures), relation))
    measured = iter(cursor.fetchone() or ())
    count = next(measured)
    described: dict[str, dict[str, Any]] = {}
    for column in columns:
        described[column.name] = {"type": column.type, "nulls": next(measured)}
        if column.is_ordered:
            described[column.name] |= {"min": next(measured), "max": next(measured)}
    return {"rows": count, "columns": described}


def relation_statement(relation: sql.Identifier, *, header: bool = False) -> sql.Composed:
    """Return the statement that copies a whole relation."""
    return _COPY_RELATION.format(relation=relation, header=sql.Literal(header))


def _copy_rows(
    cursor: extensions.cursor,
    statement: sql.Composable,
    put: Callable[[bytes], object],
    on_progress: Callable[[int], None],
) -> None:
    """Pass on the CSV rows of a COPY in blocks of whole rows; the server sends one row per call."""
    block = bytearray()

    def flush(rows: bytes) -> None:
        put(rows)
        on_progress(len(rows))
        block.clear()

    with copying() as ours:
        flush_block = ours(flush)

        def write(row: bytes) -> None:
            block.extend(row)
            if len(block) >= COPY_BLOCK_BYTES:
                flush_block(bytes(block))

        cursor.copy_expert(statement, cast("IO[bytes]", SimpleNamespace(write=write)), size=COPY_BLOCK_BYTES)
    if block:
        flush(bytes(block))


@contextlib.contextmanager
def extract_errors(output: Path, relation: str) -> Iterator[None]:
    """Convert errors of the server, of Arrow and of the disk to ExtractError."""
    interrupted = f"{relation}: the extract was interrupted and {output} was not written"
    try:
        with connection.server_errors_as(
            ExtractError, connection_lost=interrupted, refused=f"{relation} cannot be read"
        ):
            yield
    except OSError as error:
        raise ExtractError(f"{output} cannot be written: {error.strerror or error}. Choose another --output.") from None
    except ValueError as error:
        # Arrow's errors are ValueErrors. They say which column and type, and then quote the value.
        raise ExtractError(
            f"{relation}: a value fits no Parquet type ({str(error).partition(': invalid value')[0]}); "
            "extract it as CSV instead."
        ) from None
