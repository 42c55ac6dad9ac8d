"""Load one file into the raw schema in one transaction."""

import contextlib
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import IO, Any, cast

from psycopg2 import extensions, sql

from ingest.advice import (
    backslash_advice,
    encoding_advice,
    field_count_advice,
    load_again,
    other_format_warning,
    reject_ratio_warning,
)
from ingest.copying import copying
from ingest.errors import (
    FormatError,
    HeaderError,
    LoadFailedError,
    LoadNotFoundError,
    TooManyRejectsError,
    ValidationFailedError,
)
from ingest.formats import STANDARD, Format, possible_formats
from ingest.header import SAMPLE_BYTES, choose_format, fitting_formats, samples_by_format
from ingest.kinds import kind_of
from ingest.loads import begin_load, delete_load, find_load, insert_load, may_be_loaded
from ingest.lock import LockWait, take_ingest_lock
from ingest.migrations import bring_up_to_date, is_up_to_date
from ingest.prefetch import prefetched
from ingest.reading import Reading, Rejects
from ingest.results import (
    ALREADY_LOADED,
    LOADED,
    REPLACED,
    LoadReport,
    RemovalReport,
    RemovedLoad,
    ValidatedLoad,
    ValidationReport,
)
from ingest.source import Source, content_sha256, known_encoding, open_source
from warehouse.connection import connected, default_conninfo, server_errors_as, transaction

_FIND_LOAD_BY_ID = "select load_id, source_name, rows_read from raw.loads where load_id = %s"

_COPY_ROWS = sql.SQL(
    "copy raw.raw_transactions ({columns}, _load_id) "
    "from stdin with (format csv, delimiter {delimiter}, encoding 'UTF8')"
)
_BUT_PLACEHOLDERS = sql.SQL(" where coalesce({columns}) is not null")
_COPY_REJECTED = (
    "copy raw.rejected_rows (load_id, row_number, reason, record) from stdin with (format text, encoding 'UTF8')"
)

_HAS_LOADS = "select to_regclass('raw.loads') is not null"
_VALIDATE = Path(__file__).with_name("sql") / "validate.sql"

# COPY reads 8 KiB at a time from us unless it is told otherwise.
_COPY_BYTES = 1 << 20

# Rejected records beyond this much wait on the disk.
_SPOOL_BYTES = 1 << 20


class DataLoader:
    """Loads CSV files into the raw schema, and validates, removes and migrates its contents.

    Args:
        db_connection: A libpq connection string or URI. Defaults to the PG* variables, else the embedded server.
    """

    def __init__(self, db_connection: str | None = None) -> None:
        self._db_connection = db_connection

    def load_csv_to_database(
        self,
        csv_path: str,
        *,
        format_name: str | None = None,
        constants: Mapping[str, str] = MappingProxyType({}),
        delimiter: str | None = None,
        encoding: str | None = None,
        without_header: bool = False,
        force: bool = False,
        max_rejects: int | None = None,
        max_reject_ratio: float | None = None,
        lock_timeout: float | None = None,
        on_progress: Callable[[Source], None] = lambda _: None,
        on_wait: Callable[[LockWait], None] = lambda _: None,
    ) -> LoadReport:
        """Load one file, completely or not at all.

        The same content is loaded only once, regardless of name and compression. Concurrent loads run one at a time.

        Args:
            csv_path: Path or address of a CSV file, which may be compressed, or `-` for standard input.
            format_name: Name of a format, or path of a .toml file; by default the one that the header fits.
            constants: Values of columns that the file does not have: company_id, name, status, currency.
            delimiter: One ASCII character; by default the format's or, if the header does not fit with that, another
                one with which it does.
            encoding: Encoding of a file without a byte order mark, if it is another one than the format's.
            without_header: Whether the file has no header, and its fields are those of the standard format in their
                order. A first row with an amount or a date shows that by itself.
            force: Replace the earlier load of the same content, in the same transaction.
            max_rejects: Maximum rejected rows allowed; None for no limit.
            max_reject_ratio: Maximum share of rejected rows allowed, 0 to 1; None for no limit.
            lock_timeout: Seconds to wait for another load at most; None for no limit.
            on_progress: Called from another thread after each block is read.
            on_wait: Called again and again while another load is running.

        Raises:
            SourceError: The file cannot be read, its columns fit no format (HeaderError), or the format does not exist
                or does not say enough (FormatError).
            TooManyRejectsError: More rows were rejected than allowed.
            LockTimeoutError: Another load ran for longer than the timeout.
            SchemaVersionError: The raw schema is newer than this program, or older and this role may not change it.
            ConnectionFailedError: The server cannot be reached, or the connection was lost.
            LoadFailedError: The server refused the load, or the disk has no room for its rejected rows.
            KeyboardInterrupt: With a note for the user, if it is certain that nothing was loaded.
        """
        conninfo = self._db_connection or default_conninfo()
        started = time.monotonic()
        with open_source(csv_path, encoding or "utf-8") as source, connected(conninfo) as session:
            # A pipe may be silent for long before it begins. Nobody should wait for it then.
            with _noting_interrupt(source.name):
                source.head(SAMPLE_BYTES)
            with (
                _load_errors("load", f"{source.name}: "),
                transaction(session) as cursor,
                tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as rejected,
                # Inside of the transaction: during its commit, nobody knows what became of it.
                _noting_interrupt(source.name),
            ):
                take_ingest_lock(cursor, lock_timeout, on_wait)
                bring_up_to_date(cursor)
                chosen = None
                if format_name or constants or without_header:
                    # Before the look-up, so that a wrong option is not ignored where the file is already loaded.
                    chosen = format_of(
                        source, format_name, constants, delimiter, encoding, without_header=without_header
                    )
                if not force and (known := _find_before_loading(cursor, csv_path, source)):
                    return _already_loaded(source.name, known, chosen)
                form = chosen or format_of(source, delimiter=delimiter, encoding=encoding)
                load = _Load(cursor, source, form, rejected, max_rejects)
                load.copy_rows(on_progress)
                load.check_reject_ratio(max_reject_ratio)
                known = find_load(cursor, source.sha256)
                if known and not force:
                    session.rollback()
                    return _already_loaded(source.name, known, chosen)
                if known:
                    delete_load(cursor, known["load_id"])
                load.record()
            again = load_again(
                csv_path,
                {
                    "--format": format_name,
                    "--set": [f"{column}={value}" for column, value in constants.items()],
                    "--delimiter": delimiter,
                    "--no-header": without_header,
                },
            )
            return load.report(
                replaced=known["load_id"] if known else None, again=again, seconds=time.monotonic() - started
            )

    def migrate_raw_schema(
        self, *, lock_timeout: float | None = None, on_wait: Callable[[LockWait], None] = lambda _: None
    ) -> list[str]:
        """Create the raw schema or migrate it to the current version, in one transaction, after any running load.

        A load does this itself. Call this method where the role that loads may not change the schema. If nothing is to
        be done, it does not wait for a running load.

        Args:
            lock_timeout: See `load_csv_to_database`.
            on_wait: See `load_csv_to_database`.

        Returns:
            The names of the applied migrations.

        Raises:
            LockTimeoutError: Another load ran for longer than the timeout.
            SchemaVersionError: The raw schema is newer than this program, or this role may not change it.
            ConnectionFailedError: The server cannot be reached, or the connection was lost.
            LoadFailedError: The server refused a migration; nothing was changed.
        """
        with self._session("migration") as session:
            with transaction(session) as cursor:
                if is_up_to_date(cursor):
                    return []
            with transaction(session) as cursor:
                take_ingest_lock(cursor, lock_timeout, on_wait)
                return bring_up_to_date(cursor)

    def remove_loads(
        self,
        load_ids: Sequence[int],
        *,
        lock_timeout: float | None = None,
        on_wait: Callable[[LockWait], None] = lambda _: None,
    ) -> RemovalReport:
        """Remove loads from the raw schema, all in one transaction. Their content can be loaded again.

        Args:
            load_ids: Their numbers.
            lock_timeout: See `load_csv_to_database`.
            on_wait: See `load_csv_to_database`.

        Raises:
            LoadNotFoundError: The load does not exist; nothing was removed.
            LockTimeoutError: Another load ran for longer than the timeout.
            SchemaVersionError: The raw schema is newer than this program, or older and this role may not change it.
            ConnectionFailedError: The server cannot be reached, or the connection was lost.
            LoadFailedError: The server refused the removal; nothing was removed.
        """
        removed = []
        with self._session("removal") as session, transaction(session) as cursor:
            take_ingest_lock(cursor, lock_timeout, on_wait)
            bring_up_to_date(cursor)
            for load_id in dict.fromkeys(load_ids):
                cursor.execute(_FIND_LOAD_BY_ID, [load_id])
                found = cursor.fetchone()
                if not found:
                    raise LoadNotFoundError(
                        f"Load {load_id} does not exist, so nothing was removed: "
                        "list the loads with python -m ingest validate."
                    )
                removed.append(RemovedLoad(*found))
                delete_load(cursor, load_id)
        return RemovalReport(tuple(removed))

    def validate_data_integrity(self) -> ValidationReport:
        """Recount every load from the tables without changing anything.

        Raises:
            ConnectionFailedError: The server cannot be reached, or the connection was lost.
            ValidationFailedError: The server refused the recount, for example because of missing privileges.
        """
        with (
            connected(self._db_connection or default_conninfo()) as session,
            server_errors_as(
                ValidationFailedError,
                connection_lost="The recount was interrupted",
                refused="PostgreSQL refused the recount",
            ),
            transaction(session) as cursor,
        ):
            cursor.execute(_HAS_LOADS)
            if cursor.fetchone() == (False,):
                return ValidationReport(())
            cursor.execute(_VALIDATE.read_text(encoding="utf-8"))
            return ValidationReport(tuple(ValidatedLoad(*row) for row in cursor.fetchall()))

    @contextlib.contextmanager
    def _session(self, work: str) -> Iterator[extensions.connection]:
        """Open a connection, and convert its errors."""
        conninfo = self._db_connection or default_conninfo()
        with connected(conninfo) as session, _load_errors(work):
            yield session


def format_of(
    source: Source,
    name: str | None = None,
    constants: Mapping[str, str] = MappingProxyType({}),
    delimiter: str | None = None,
    encoding: str | None = None,
    *,
    without_header: bool = False,
) -> Format:
    """Return the format of a file with the delimiter of the file, and let it be read in the encoding of the format.

    Args:
        source: The file, of which nothing has been read.
        name: Name of the format, or path of a .toml file; None to find it by the header.
        constants: Values of columns that the file does not have.
        delimiter: The delimiter, if it is known.
        encoding: Encoding of the file, if it is another one than the format's.
        without_header: Whether the file has no header.

    Raises:
        SourceError: There is no such format, or it does not say enough (FormatError), or the header fits none or
            several (HeaderError).
    """
    try:
        formats = possible_formats(name, without_header=without_header)
        form = _by_header(source, formats, delimiter, encoding).with_constants(constants)
    except HeaderError as error:
        raise HeaderError(f"{source.name}: {error}") from None
    except FormatError as error:
        raise FormatError(f"{source.name}: {error}") from None
    source.encoding = known_encoding(encoding or form.encoding)
    return form


def _by_header(source: Source, formats: Mapping[str, Format], delimiter: str | None, encoding: str | None) -> Format:
    head = source.head(SAMPLE_BYTES)
    samples = samples_by_format(head, formats, encoding)
    separator = delimiter.encode() if delimiter else None
    # An encoding that makes nothing of the file is refused where the file is read.
    if not any(sample for _, sample in samples.values()):
        form = formats.get(STANDARD) or next(iter(formats.values()))
    elif len(formats) == 1:
        # Why the only possible one does not fit is said where the file is read.
        fit = fitting_formats(samples, separator)
        form = fit.formats[0] if fit.formats else next(iter(formats.values()))
    else:
        try:
            return choose_format(samples, separator)
        except HeaderError as error:
            _, sample = samples[STANDARD]
            raise HeaderError(str(kind_of(head, sample) or error)) from None
    return replace(form, delimiter=delimiter) if delimiter else form


class _Load:
    """A load in progress, inside the transaction of the caller."""

    def __init__(
        self,
        cursor: extensions.cursor,
        source: Source,
        form: Format,
        rejected: tempfile.SpooledTemporaryFile[bytes],
        max_rejects: int | None,
    ) -> None:
        self._cursor = cursor
        self._source = source
        self._format = form
        self._rejected = rejected
        self._max_rejects = max_rejects
        self._rejects = Rejects()
        self._id = begin_load(cursor)

    def copy_rows(self, on_progress: Callable[[Source], None]) -> None:
        """Read the whole file and copy its rows."""
        delimiter = self._format.delimiter.encode()
        self._reading = reading = Reading(
            self._source, self._format, delimiter, added_field=b"%d" % self._id, reject=self._reject
        )
        self._reader, layout = reading.records, reading.layout
        columns = sql.SQL(", ").join(map(sql.Identifier, layout.columns))
        copy = _COPY_ROWS.format(columns=columns, delimiter=sql.Literal(delimiter.decode()))

        def put_pieces(put: Callable[[bytes], None]) -> None:
            for piece in reading.pieces(on_progress):
                put(piece)

        placeholder = self._reader.placeholder
        with prefetched(put_pieces) as pieces:
            # The condition that drops placeholders costs the server a twentieth of its time, so the rows before the
            # first one are copied without it.
            copied = _copy(self._cursor, copy, itertools.takewhile(lambda piece: piece is not placeholder, pieces))
            if self._reader.rejected:
                copy += _BUT_PLACEHOLDERS.format(columns=columns)
                copied += _copy(self._cursor, copy, itertools.chain([placeholder], pieces))
        if copied != self._reader.rows - self._reader.rejected:
            raise LoadFailedError(
                f"{self._source.name}: PostgreSQL accepted {copied} of "
                f"{self._reader.rows - self._reader.rejected} rows; the load was rolled back. Please report this bug."
            )

    def check_reject_ratio(self, most: float | None) -> None:
        """Raise TooManyRejectsError if the share of rejected rows exceeds the maximum."""
        if most is not None and self._reader.rejected > most * self._reader.rows:
            raise TooManyRejectsError(
                f"{self._source.name}: {self._reader.rejected} of {self._reader.rows} rows cannot be read, which "
                f"exceeds the maximum ratio of {most:g}; nothing was loaded. {self._first_reject()}"
            )

    def record(self) -> None:
        """Write the load to raw.loads and its rejected rows to raw.rejected_rows."""
        insert_load(self._cursor, self._id, self._figures(), self._format.meaning_of_load())
        self._rejected.seek(0)
        self._cursor.copy_expert(_COPY_REJECTED, cast("IO[bytes]", self._rejected), size=_COPY_BYTES)

    def report(self, *, replaced: int | None, again: str, seconds: float) -> LoadReport:
        """Return the report of a committed load, with the command that loads the file again."""
        rows = self._reader.rows
        warnings = (
            reject_ratio_warning(rows, self._reader.rejected),
            encoding_advice(self._rejects, self._source.encoding, f"load the file again: {again}"),
            field_count_advice(self._rejects, self._reading.layout.fields, self._format.delimiter.encode(), rows),
            backslash_advice(self._rejects),
        )
        return LoadReport(
            status=LOADED if replaced is None else REPLACED,
            load_id=self._id,
            loaded_as=self._source.name,
            replaced_load_id=replaced,
            rejected_by_reason=dict(sorted(self._rejects.reasons.items())),
            rejected_examples=tuple(self._rejects.examples),
            ignored_columns=self._reading.layout.ignored,
            delimiter=self._format.delimiter,
            warnings=tuple(filter(None, warnings)),
            seconds=seconds,
            **self._figures(),
        )

    def _figures(self) -> dict[str, Any]:
        return {
            "source_name": self._source.name,
            "sha256": self._source.sha256,
            "bytes": self._source.content_bytes,
            "encoding": self._source.encoding,
            "line_terminator": self._reading.layout.terminator.decode(),
            "has_header": self._reading.layout.has_header,
            "format": self._format.name,
            "lines_before_header": self._reading.layout.lines_before_header,
            "lines_after_rows": self._reading.lines_after_rows,
            "rows_read": self._reader.rows,
            "rows_loaded": self._reader.rows - self._reader.rejected,
            "rows_rejected": self._reader.rejected,
            "blank_records": self._reader.blanks,
        }

    def _reject(self, row_number: int, reason: str, record: bytes) -> None:
        self._rejected.write(b"%d\t%d\t%b\t\\\\x%b\n" % (self._id, row_number, reason.encode(), record.hex().encode()))
        self._rejects.add(row_number, reason, record)
        if self._max_rejects is not None and self._rejects.reasons.total() > self._max_rejects:
            raise TooManyRejectsError(
                f"{self._source.name}: more than the maximum of {self._max_rejects} rows cannot be read; "
                f"nothing was loaded. {self._first_reject()}"
            )

    def _first_reject(self) -> str:
        first = self._rejects.examples[0]
        return f"The first one is row {first.row_number}: {first.reason}."


def _already_loaded(name: str, known: Mapping[str, Any], chosen: Format | None) -> LoadReport:
    """Return the report of a file whose content is loaded: what was unusual about it, still is.

    Args:
        name: Name of the file.
        known: The load with its content.
        chosen: The format that the caller asked for; None if the options do not say one.
    """
    warnings = (
        reject_ratio_warning(known["rows_read"], known["rows_rejected"]),
        None if chosen is None else other_format_warning(known, chosen),
    )
    figures = {figure: value for figure, value in known.items() if figure != "meaning"}
    return LoadReport(status=ALREADY_LOADED, source_name=name, warnings=tuple(filter(None, warnings)), **figures)


def _find_before_loading(cursor: extensions.cursor, path: str, source: Source) -> dict[str, Any] | None:
    """Return the figures of an earlier load of the same content; read the file in advance only if one is possible."""
    if source.size is None or not may_be_loaded(cursor, source.size, source.name):
        return None
    return find_load(cursor, content_sha256(path))


def _copy(cursor: extensions.cursor, statement: sql.Composed, pieces: Iterator[bytes]) -> int:
    """Copy the pieces, passing each in one read regardless of its size; return the number of rows copied."""
    with copying() as ours:
        stream = SimpleNamespace(read=ours(lambda _size: next(pieces, b"")))
        cursor.copy_expert(statement, cast("IO[bytes]", stream), size=_COPY_BYTES)
    return cursor.rowcount


@contextlib.contextmanager
def _noting_interrupt(name: str) -> Iterator[None]:
    """Note on a KeyboardInterrupt that nothing was loaded."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(f"{name}: the load was interrupted; nothing was loaded.")
        raise


@contextlib.contextmanager
def _load_errors(work: str, file: str = "") -> Iterator[None]:
    """Convert errors of the server and of the disk to LoadFailedError, which begins with the file if there is one."""
    interrupted = f"{file}{'the' if file else 'The'} {work} was interrupted and rolled back"
    refused = f"{file}PostgreSQL refused the {work}, which was rolled back"
    try:
        with server_errors_as(LoadFailedError, connection_lost=interrupted, refused=refused):
            yield
    except OSError as error:
        raise LoadFailedError(
            f"{interrupted}: the temporary file of rejected rows cannot be used ({error.strerror or error}). "
            "Free disk space, or set TMPDIR to another directory."
        ) from None
