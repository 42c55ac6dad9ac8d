"""Read the records of a file of a known format, as a load does, for a load and for whoever only looks."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator

from ingest.errors import FormatError, HeaderError, SourceError
from ingest.formats import Format
from ingest.header import SAMPLE_BYTES, read_layout
from ingest.kinds import kind_of
from ingest.records import MAX_LINE_BYTES, LineTooLongError, RecordReader
from ingest.results import RejectedExample
from ingest.source import Source
from ingest.trailer import MOST_LINES_AFTER_ROWS, Trailer
from warehouse.texts import printable

# How many rejected records a report shows, and how much of each.
_EXAMPLES = 5
_PREVIEW_BYTES = 80

# How many rejected records of each reason are kept for advice, and how many bytes of them.
_SAMPLES = 1000
_SAMPLE_REJECT_BYTES = 256 << 10


class Rejects:
    """Counts rejected records by reason and keeps the first few.

    Attributes:
        reasons: Number of rejected records per reason.
        examples: The first few rejected records.
        samples: The first records of each reason, with their row numbers.
    """

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()
        self.examples: list[RejectedExample] = []
        self.samples: dict[str, list[tuple[int, bytes]]] = {}
        self._sampled: Counter[str] = Counter()

    def add(self, row_number: int, reason: str, record: bytes) -> None:
        """Count one rejected record."""
        self.reasons[reason] += 1
        if len(self.examples) < _EXAMPLES:
            preview = printable(record[:_PREVIEW_BYTES].decode(errors="backslashreplace"))
            self.examples.append(RejectedExample(row_number, reason, preview))
        if self.reasons[reason] <= _SAMPLES and self._sampled[reason] + len(record) <= _SAMPLE_REJECT_BYTES:
            self._sampled[reason] += len(record)
            self.samples.setdefault(reason, []).append((row_number, record))


class Reading:
    """The records of one file, which is read to its end once.

    Args:
        source: The file, of which nothing has been read but its head.
        form: Its format.
        delimiter: One byte, the field delimiter.
        added_field: A field that is appended to every record.
        reject: Called with the row number, reason and bytes of each rejected record.

    Attributes:
        layout: Where the columns are.
        sample: The first bytes of the file, in UTF-8, by which the layout was found.
        records: The reader of the records, with its counters.

    Raises:
        SourceError: The file cannot be read, or its header does not fit the format (HeaderError).
    """

    def __init__(
        self,
        source: Source,
        form: Format,
        delimiter: bytes,
        *,
        added_field: bytes = b"",
        reject: Callable[[int, str, bytes], None],
    ) -> None:
        head = source.head(SAMPLE_BYTES)
        self._source = source
        self._format = form
        self._trailer = Trailer(form.end) if form.end else None
        self._blocks = source.blocks()
        read = b""
        while len(read) < SAMPLE_BYTES and (block := next(self._blocks, None)) is not None:
            read += block
        self._read = read
        self.sample = read[:SAMPLE_BYTES]
        try:
            self.layout = read_layout(self.sample, form, delimiter)
        except HeaderError as error:
            raise HeaderError(f"{source.name}: {kind_of(head, self.sample) or error}") from None
        self.records = RecordReader(
            delimiter=delimiter,
            fields=self.layout.fields,
            used=self.layout.used,
            terminator=self.layout.terminator,
            after_header=self.layout.has_header,
            added_field=added_field,
            reject=reject,
        )

    @property
    def lines_after_rows(self) -> int:
        """Number of lines from the end marker on; complete once all pieces are read."""
        return self._trailer.lines if self._trailer else 0

    def pieces(self, on_progress: Callable[[Source], None] = lambda _: None) -> Iterator[bytes]:
        """Yield the records for COPY, with a placeholder in the place of each rejected one.

        Args:
            on_progress: Called after each block is read.

        Raises:
            SourceError: The file cannot be read, a line is too long, or the end marker stands before rows
                (FormatError).
        """
        rows = itertools.chain([self._read[self.layout.start :]], self._blocks)
        self._read = b""
        try:
            for block in self._trailer.cut(rows) if self._trailer else rows:
                yield from self.records.feed(block)
                on_progress(self._source)
            yield from self.records.finish()
        except LineTooLongError:
            raise SourceError(
                f"{self._source.name}: there is no line end within {MAX_LINE_BYTES >> 20} MiB after row "
                f"{self.records.rows}; nothing was loaded. Check that the file is CSV."
            ) from None
        if self.lines_after_rows > MOST_LINES_AFTER_ROWS:
            raise FormatError(
                f"{self._source.name}: {self.lines_after_rows} lines follow the first one that begins with "
                f"{self._format.end!r}, which ends the rows of the format {self._format.name}; nothing was loaded. "
                "Check the end of the rows in the format."
            )
