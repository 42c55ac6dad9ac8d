"""What a load, a check and an extract have to say, for callers and for `--json`."""

from dataclasses import asdict, dataclass, field
from typing import Any

LOADED = "loaded"
REPLACED = "replaced"
ALREADY_LOADED = "already loaded"


@dataclass(frozen=True)
class Report:
    """What a command has to say."""

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class RejectedExample:
    """One rejected record.

    Attributes:
        row_number: Its ordinal among the file's records, 1 for the first.
        reason: A word of `ingest.records`, such as `wrong_field_count`.
        preview: How the record starts, with unprintable characters escaped.
    """

    row_number: int
    reason: str
    preview: str


@dataclass(frozen=True)
class LoadReport(Report):
    """What became of one file: afterwards the warehouse holds its rows, since a load that fails raises.

    Attributes:
        status: `loaded`, `replaced` (by force) or `already loaded` (nothing was done).
        load_id: The load that holds the rows.
        replaced_load_id: The load that was taken out, when status is `replaced`.
        source_name: Name of the file; for `already loaded` the name under which it was loaded is `loaded_as`.
        loaded_as: The file's name in raw.loads.
        sha256: digest of the content, after decompression.
        bytes: Length of that content.
        encoding: As Python names it.
        line_terminator: The run of CR and LF that ends most records.
        has_header: Whether the first record named the columns.
        rows_read: Records that are not blank; always rows_loaded + rows_rejected.
        rows_loaded: Rows in raw.raw_transactions.
        rows_rejected: Rows in raw.rejected_rows.
        blank_records: Records without a value and empty lines, which are not rows.
        rejected_by_reason: Count of rejected rows by reason.
        rejected_examples: The first few of them.
        ignored_columns: Names in the header that are not loaded.
        seconds: Wall time of the load; 0 when nothing was done.
    """

    status: str
    load_id: int
    source_name: str
    loaded_as: str
    sha256: str
    bytes: int
    encoding: str
    line_terminator: str
    has_header: bool
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    blank_records: int
    replaced_load_id: int | None = None
    rejected_by_reason: dict[str, int] = field(default_factory=dict)
    rejected_examples: tuple[RejectedExample, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> int:
        """Rows read in a second of wall time; 0 when nothing was done."""
        return round(self.rows_read / self.seconds) if self.seconds else 0

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {**super().to_dict(), "rows_per_second": self.rows_per_second}


@dataclass(frozen=True)
class RemovedLoad:
    """A load that was removed.

    Attributes:
        load_id: Its number, which no other load gets.
        source_name: The file's name.
        rows_read: Its rows, rejected ones included.
    """

    load_id: int
    source_name: str
    rows_read: int


@dataclass(frozen=True)
class RemovalReport(Report):
    """The loads that were removed."""

    loads: tuple[RemovedLoad, ...]


@dataclass(frozen=True)
class ValidatedLoad:
    """What raw.loads says of one load and what a recount of the tables found.

    Attributes:
        load_id: The load; found in the tables without a row in raw.loads when source_name is None.
        source_name: The file's name.
        rows_read: What raw.loads says, as do rows_loaded and rows_rejected.
        rows_loaded: See rows_read.
        rows_rejected: See rows_read.
        found_loaded: Rows of the load in raw.raw_transactions.
        found_rejected: Rows of the load in raw.rejected_rows.
        is_numbered_through: Whether the row numbers of both are 1 to rows_read, each once.
    """

    load_id: int
    source_name: str | None
    rows_read: int | None
    rows_loaded: int | None
    rows_rejected: int | None
    found_loaded: int
    found_rejected: int
    is_numbered_through: bool

    @property
    def is_valid(self) -> bool:
        """Whether the recount agrees with raw.loads and no row is lost or double."""
        return (
            self.found_loaded == self.rows_loaded
            and self.found_rejected == self.rows_rejected
            and self.found_loaded + self.found_rejected == self.rows_read
            and self.is_numbered_through
        )


@dataclass(frozen=True)
class ValidationReport(Report):
    """A recount of every load from the tables. True: all of them are whole."""

    loads: tuple[ValidatedLoad, ...]

    def __bool__(self) -> bool:
        """Whether each load is whole."""
        return all(load.is_valid for load in self.loads)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {"is_valid": bool(self), "loads": [{**asdict(load), "is_valid": load.is_valid} for load in self.loads]}


@dataclass(frozen=True)
class ExtractReport(Report):
    """What an extract wrote.

    Attributes:
        output: Path of the file.
        metadata: Path of the JSON file beside it.
        relation: Schema and name.
        format: `parquet` or `csv`.
        rows: How many.
        bytes: Length of the file.
        sha256: its digest.
        seconds: Wall time.
    """

    output: str
    metadata: str
    relation: str
    format: str
    rows: int
    bytes: int
    sha256: str
    seconds: float


@dataclass(frozen=True)
class PartitionedExtractReport(Report):
    """What an extract partitioned by load changed.

    Attributes:
        output: Path of the directory.
        loads: How many it holds now.
        loads_added: The ids of those that were added.
        loads_removed: The ids of those that were removed, because the warehouse does not have them any more.
        rows_added: Rows of raw_transactions and rejected_rows in the added loads.
        seconds: Wall time.
    """

    output: str
    loads: int
    loads_added: tuple[int, ...]
    loads_removed: tuple[int, ...]
    rows_added: int
    seconds: float
