"""The reports of loads, validations and extracts, for callers and for `--json`."""

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

LOADED = "loaded"
REPLACED = "replaced"
ALREADY_LOADED = "already loaded"


@dataclass(frozen=True)
class Report:
    """The report of a command."""

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class RejectedExample:
    """One rejected record.

    Attributes:
        row_number: Number of the record in the file, starting at 1.
        reason: A reason from `ingest.records`, such as `wrong_field_count`.
        preview: Beginning of the record, with unprintable characters escaped.
    """

    row_number: int
    reason: str
    preview: str


@dataclass(frozen=True)
class LoadReport(Report):
    """The result of loading one file. The warehouse holds its rows, because a failed load raises an error.

    Attributes:
        status: `loaded`, `replaced` (with `force`) or `already loaded` (nothing was done).
        load_id: Number of the load that holds the rows.
        replaced_load_id: Number of the load that was replaced, if status is `replaced`.
        source_name: Name of the file.
        loaded_as: Name of the file in raw.loads; may differ from source_name if status is `already loaded`.
        sha256: SHA-256 digest of the content after decompression.
        bytes: Length of the content after decompression.
        encoding: Encoding of the content, as Python names it.
        line_terminator: The run of CR and LF that ends most records.
        has_header: Whether the first record named the columns.
        rows_read: Number of non-blank records; always rows_loaded + rows_rejected.
        rows_loaded: Number of rows in raw.raw_transactions.
        rows_rejected: Number of rows in raw.rejected_rows.
        blank_records: Number of records without a value and of empty lines, which are not rows.
        lines_before_header: Number of lines before the header, such as titles.
        lines_after_rows: Number of lines after the rows, such as totals.
        format: Name of the format of the file.
        rejected_by_reason: Number of rejected rows per reason.
        rejected_examples: The first few rejected rows.
        ignored_columns: Names of the columns in the header that are not loaded.
        delimiter: Field delimiter of the file; None if status is `already loaded`.
        warnings: What is unusual about the file and what to do, a text of one line each.
        seconds: Wall-clock time of the load; 0 if nothing was done.
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
    lines_before_header: int
    lines_after_rows: int
    format: str
    replaced_load_id: int | None = None
    rejected_by_reason: dict[str, int] = field(default_factory=dict)
    rejected_examples: tuple[RejectedExample, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    delimiter: str | None = None
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> int:
        """Rows read per second of wall-clock time; 0 if nothing was done."""
        return round(self.rows_read / self.seconds) if self.seconds else 0

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {**super().to_dict(), "rows_per_second": self.rows_per_second}


@dataclass(frozen=True)
class RemovedLoad:
    """A load that was removed.

    Attributes:
        load_id: Number of the load, which is never used again.
        source_name: Name of the file.
        rows_read: Number of rows, including rejected ones.
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
    """The figures of one load in raw.loads and in a recount of the tables.

    Attributes:
        load_id: Number of the load.
        source_name: Name of the file; None if the tables hold rows of the load but raw.loads does not list it.
        rows_read: Number of rows read, according to raw.loads.
        rows_loaded: Number of loaded rows, according to raw.loads.
        rows_rejected: Number of rejected rows, according to raw.loads.
        found_loaded: Number of rows of the load in raw.raw_transactions.
        found_rejected: Number of rows of the load in raw.rejected_rows.
        is_numbered_through: Whether the row numbers of both together are 1 to rows_read, each exactly once.
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
        """Whether the recount agrees with raw.loads and no row is missing or duplicated."""
        return (
            self.found_loaded == self.rows_loaded
            and self.found_rejected == self.rows_rejected
            and self.found_loaded + self.found_rejected == self.rows_read
            and self.is_numbered_through
        )


@dataclass(frozen=True)
class ValidationReport(Report):
    """A recount of every load from the tables. The report is true if all loads are valid."""

    loads: tuple[ValidatedLoad, ...]

    def __bool__(self) -> bool:
        """Return whether all loads are valid."""
        return all(load.is_valid for load in self.loads)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {"is_valid": bool(self), "loads": [{**asdict(load), "is_valid": load.is_valid} for load in self.loads]}


@dataclass(frozen=True)
class ExtractReport(Report):
    """What an extract wrote.

    Attributes:
        output: Path of the output file.
        metadata: Path of the JSON file with its metadata.
        relation: Schema and name of the relation.
        format: `parquet` or `csv`.
        rows: Number of rows.
        bytes: Size of the output file.
        sha256: SHA-256 digest of the output file.
        seconds: Wall-clock time of the extract.
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
class SchemaExtractReport(Report):
    """What an extract of a schema wrote.

    Attributes:
        output: Path of the output directory.
        rows: Number of rows of each table and view.
        bytes: Size of all files.
        seconds: Wall-clock time of the extract.
    """

    output: str
    rows: dict[str, int]
    bytes: int
    seconds: float


@dataclass(frozen=True)
class PartitionedExtractReport(Report):
    """The changes that an extract partitioned by load made.

    Attributes:
        output: Path of the output directory.
        loads: Number of loads in the directory.
        loads_added: Numbers of the added loads.
        loads_removed: Numbers of the removed loads, which the warehouse no longer has.
        rows_added: Number of rows of raw_transactions and rejected_rows in the added loads.
        seconds: Wall-clock time of the extract.
    """

    output: str
    loads: int
    loads_added: tuple[int, ...]
    loads_removed: tuple[int, ...]
    rows_added: int
    seconds: float


@dataclass(frozen=True)
class ValueCount:
    """A value of a file and in how many rows it is.

    Attributes:
        value: The value as it came, cut after a few hundred characters; None if it is missing.
        rows: Number of rows.
    """

    value: str | None
    rows: int


@dataclass(frozen=True)
class Rejection:
    """The rows that a rule would reject.

    Attributes:
        reason: Why, as `rejected_transactions.reasons` says it.
        rows: Number of rows; a row may have several reasons.
        columns: The columns that the reason is about.
        values: The most frequent values of these columns in these rows.
    """

    reason: str
    rows: int
    columns: tuple[str, ...]
    values: tuple[ValueCount, ...]


@dataclass(frozen=True)
class StatusTotal:
    """The charges with one status.

    Attributes:
        status: The status.
        charges: Number of charges.
        amount: Sum of their amounts.
    """

    status: str
    charges: int
    amount: Decimal


@dataclass(frozen=True)
class Rehearsal(Report):
    """What a build would make of the readable rows of a file if it were the only one.

    Attributes:
        charges: Number of rows that become charges.
        rows_superseded: Number of rows that later rows of the file replace.
        rows_rejected: Number of rows that break a rule.
        rows_left_out: Number of rows that are no charges, as the format says.
        statuses: The charges by status.
        first_day: Day of the first charge; None without charges.
        last_day: Day of the last charge.
        rejections: The rejected rows by reason.
        left_out: The rows that are left out, by reason.
    """

    charges: int
    rows_superseded: int
    rows_rejected: int
    rows_left_out: int
    statuses: tuple[StatusTotal, ...]
    first_day: date | None
    last_day: date | None
    rejections: tuple[Rejection, ...]
    left_out: tuple[Rejection, ...]


@dataclass(frozen=True)
class InspectedFile:
    """What a file looks like, whatever it means.

    Attributes:
        name: Name of the file.
        size: Size in bytes, as it is stored.
        compression: `gzip`, `zstd` or None.
        content_bytes: Size after decompression.
        encoding: Encoding, as Python names it.
        has_byte_order_mark: Whether it begins with one.
        line_terminator: The run of CR and LF that ends most lines.
        delimiter: Field delimiter; None if no table was found.
        lines_before_header: The first lines before the header.
        lines_before_header_count: Number of these lines that are not blank.
        header: The names of the columns; None without a header.
        first_rows: The first rows after it.
        lines_after_rows: Number of lines after the rows, such as totals.
    """

    name: str
    size: int
    compression: str | None
    content_bytes: int
    encoding: str
    has_byte_order_mark: bool
    line_terminator: str
    delimiter: str | None = None
    lines_before_header: tuple[str, ...] = ()
    lines_before_header_count: int = 0
    header: tuple[str, ...] | None = None
    first_rows: tuple[tuple[str, ...], ...] = ()
    lines_after_rows: int = 0


@dataclass(frozen=True)
class InspectedColumn:
    """A column of a file.

    Attributes:
        name: Its name in the header; of a file without one, ours.
        loaded_as: Our columns that it is loaded as; none if it is not loaded.
    """

    name: str
    loaded_as: tuple[str, ...]


@dataclass(frozen=True)
class Records:
    """The records of a file, as a load would read them.

    Attributes:
        read: Number of records that are not blank.
        rejected: Number of those that cannot be read.
        blank: Number of records without a value and of empty lines.
        rejected_by_reason: Number of rejected records per reason.
        rejected_examples: The first few of them.
    """

    read: int
    rejected: int
    blank: int
    rejected_by_reason: dict[str, int]
    rejected_examples: tuple[RejectedExample, ...]


@dataclass(frozen=True)
class Inspection(Report):
    """What is in a file, and what a load and a build would make of it. The report is true if it can be loaded.

    Attributes:
        file: What it looks like.
        format: Name of the format that it was read in; None if none fits.
        format_title: What that format is.
        is_proposed: Whether no format fits and the file was read in a proposed one.
        problem: Why the file cannot be loaded as it is; None if it can.
        advice: What to do about it.
        columns: The columns of the file.
        constants: The columns that have the same value in all rows.
        records: Its records; None if there is no table.
        rehearsal: What a build would make of the rows; None if it was not rehearsed.
        rehearsal_left_out: Why it was not.
        proposal: A format for the file, as TOML; None if one fits, or nothing can be proposed.
    """

    file: InspectedFile
    format: str | None
    format_title: str | None = None
    is_proposed: bool = False
    problem: str | None = None
    advice: str | None = None
    columns: tuple[InspectedColumn, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)
    records: Records | None = None
    rehearsal: Rehearsal | None = None
    rehearsal_left_out: str | None = None
    proposal: str | None = None

    def __bool__(self) -> bool:
        """Return whether the file can be loaded as it is."""
        return self.problem is None

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {"can_be_loaded": bool(self), **super().to_dict()}
