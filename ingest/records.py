"""Split the bytes of a file into records. Pure functions: no file, no database.

One rule applies: a record has exactly the expected number of RFC 4180 fields within a size limit; anything else is
rejected as one physical line. Outside quotes, any run of CR and LF ends a record. If quotes join lines that look like
records themselves, the whole span is rejected: splitting it could forge a payment, and accepting it could hide one.

Three code paths handle the data, each taking what the faster one before it cannot: a window of plain records is checked
as a whole, runs of one-line records are matched by one regular expression, and the rest is read record by record.
"""

import itertools
import re
from collections.abc import Callable, Generator, Iterator

# Longest record, in bytes. It bounds what an unclosed quote costs: so far, and no farther, its end is looked for.
_MAX_RECORD_BYTES = 1 << 20

# Longest physical line, in bytes, that is kept as a rejected record. Beyond it the input is no text file.
MAX_LINE_BYTES = 16 << 20

# Why a record is rejected; the words that raw.rejected_rows.reason holds.
WRONG_FIELD_COUNT = "wrong_field_count"
STRAY_QUOTE = "stray_quote"
UNCLOSED_QUOTE = "unclosed_quote"
AMBIGUOUS_QUOTE = "ambiguous_quote"
INVALID_ENCODING = "invalid_encoding"
NUL_BYTE = "nul_byte"
RECORD_TOO_LONG = "record_too_long"

_LINE_ENDS = re.compile(rb"[\r\n]*+")
_LINE = re.compile(rb"[^\r\n]*+")


class LineTooLongError(ValueError):
    """A physical line is longer than MAX_LINE_BYTES."""


class Grammar:
    """Regular expressions for fields and records with a given delimiter. None of them backtracks.

    What is repeated possessively and may fail within is an atomic group too: before Python 3.11.5, the repetition
    would otherwise end within what has failed (https://github.com/python/cpython/issues/106052).

    Args:
        delimiter: One byte.
    """

    def __init__(self, delimiter: bytes) -> None:
        self.delimiter = delimiter
        self._separator = re.escape(delimiter)
        self._field = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^"\r\n%b]*+)' % self._separator
        self.any_record = re.compile(rb"%b(?:%b%b)*+(?=[\r\n]|\Z)" % (self._field, self._separator, self._field))
        # What may become a record when more bytes follow.
        self.unfinished = re.compile(
            rb'(?>%b%b)*+(?:"[^"]*+(?:""[^"]*+)*+|%b)\Z' % (self._field, self._separator, self._field)
        )

    def record(self, fields: int) -> re.Pattern[bytes]:
        """Match a record with the given number of fields, up to its line end."""
        return re.compile(rb"%b(?:%b%b){%d}+(?=[\r\n]|\Z)" % (self._field, self._separator, self._field, fields - 1))

    def blank_record(self, fields: int, used: tuple[int, ...]) -> re.Pattern[bytes]:
        """Match a record with the given number of fields whose used fields are all empty, up to its line end."""
        return re.compile(self._blank(fields, used) + rb"(?=[\r\n]|\Z)")

    def one_line_records(self, fields: int, used: tuple[int, ...], terminator: bytes) -> re.Pattern[bytes]:
        """Match one-line records that end with exactly the terminator, are not blank and contain no NUL."""
        field = rb'(?:"[^"\r\n\0]*+(?:""[^"\r\n\0]*+)*+"|[^"\r\n\0%b]*+)' % self._separator
        record = rb"%b(?:%b%b){%d}+" % (field, self._separator, field, fields - 1)
        end = re.escape(terminator) + rb"(?![\r\n])"
        return re.compile(rb"(?>(?!%b[\r\n])%b%b)++" % (self._blank(fields, used), record, end))

    def projection(self, fields: int, used: tuple[int, ...]) -> Callable[[bytes], bytes]:
        """Return a function that keeps only the used fields of records, in their order, and their line ends."""
        parts = [b"(%b)" % self._field if index in used else self._field for index in range(fields)]
        records = re.compile(self._separator.join(parts) + rb"(?=[\r\n]|\Z)")
        groups = {index: number for number, index in enumerate(sorted(set(used)), 1)}
        kept = self.delimiter.join(rb"\g<%d>" % groups[index] for index in used)
        return lambda body: records.sub(kept, body)

    def _blank(self, fields: int, used: tuple[int, ...]) -> bytes:
        return self._separator.join(b"" if index in used else self._field for index in range(fields))


class RecordReader:
    """Splits the bytes of a file, after its header, into records for COPY and rejected records.

    For a rejected record, the stream to COPY contains a placeholder, a record whose used fields are all empty. The
    placeholder consumes the row number, and the WHERE clause of COPY drops it. It cannot be confused with another
    record, because blank records are never sent.

    Args:
        delimiter: One byte.
        fields: Number of fields per record.
        used: Indexes of the fields that are loaded, once or more often; the others are ignored.
        terminator: The run of CR and LF that ends most records of this file.
        after_header: Whether a header record precedes the first byte.
        added_field: A field that is appended to every record.
        reject: Called with the row number, reason and bytes of each rejected record, without its line end.
        max_record: Maximum length of a record in bytes.

    Attributes:
        rows: Number of non-blank records so far, which is the row number of the latest one.
        rejected: Number of rejected records so far.
        blanks: Number of records without any value and of empty lines between records.
        placeholder: The record that replaces a rejected one; always yielded separately, as this same object.
    """

    def __init__(
        self,
        *,
        delimiter: bytes,
        fields: int,
        used: tuple[int, ...],
        terminator: bytes,
        after_header: bool,
        added_field: bytes,
        reject: Callable[[int, str, bytes], None],
        max_record: int = _MAX_RECORD_BYTES,
    ) -> None:
        self.rows = 0
        self.rejected = 0
        self.blanks = 0
        self._fields = fields
        self._terminator = terminator
        self._ended = after_header
        self._reject = reject
        self._max_record = max_record
        self._grammar = Grammar(delimiter)
        self._record = self._grammar.record(fields)
        self._blank = self._grammar.blank_record(fields, used)
        self._one_line_records = self._grammar.one_line_records(fields, used, terminator)
        self._project = None if used == tuple(range(fields)) else self._grammar.projection(fields, used)
        self._end = delimiter + added_field + b"\n"
        self.placeholder = delimiter * (len(used) - 1) + self._end
        self._skeleton = delimiter * (fields - 1) + terminator
        self._ordinary = bytes(set(range(256)) - set(b'\r\n\0"' + delimiter))
        self._rest = b""

    def feed(self, block: bytes) -> Iterator[bytes]:
        """Read the next bytes of the file, and yield the records that are complete so far, for COPY.

        Raises:
            LineTooLongError: A line is longer than even a rejected record may be.
        """
        buffer = self._rest + block
        end = _end_of_complete_lines(buffer, 0, len(buffer))
        window = buffer[:end]
        position = end
        if self._is_plain(window):
            yield self._accept(window)
        elif end > 0:
            position = yield from self._cut(buffer, end, final=False)
        self._rest = buffer[position:]
        if len(self._rest) > MAX_LINE_BYTES:
            raise LineTooLongError

    def finish(self) -> Iterator[bytes]:
        """Yield the remaining records at the end of the file."""
        buffer, self._rest = self._rest, b""
        if buffer and not buffer.endswith((b"\r", b"\n")):
            buffer += self._terminator
        yield from self._cut(buffer, len(buffer), final=True)

    def _is_plain(self, window: bytes) -> bool:
        """Return whether each line is a valid, non-blank record without quotes that ends with the terminator."""
        return (
            not self._project
            and 0 < len(window) <= self._max_record
            and window.translate(None, self._ordinary) == self._skeleton * window.count(self._terminator)
            and not window.startswith(self._skeleton)
            and self._terminator + self._skeleton not in window
            and _is_utf8(window)
        )

    def _cut(self, buffer: bytes, end: int, *, final: bool) -> Generator[bytes, None, int]:
        """Yield the records that start before `end`; return the start of the first record that needs more bytes."""
        position = self._skip_line_ends(buffer, 0)
        while position < end:
            if lines := self._one_line_records.match(buffer, position, self._run_limit(buffer, position, end)):
                yield from self._accept_lines(lines[0])
                position = lines.end()
                continue
            limit = position + self._max_record
            record = self._record.match(buffer, position, limit + 1)
            if not final and self._needs_more(buffer, position, record):
                return position
            if record and record.end() <= limit:
                if self._blank.match(buffer, position):
                    self.blanks += 1
                else:
                    yield self._judge(record[0])
                position = record.end()
            else:
                line = _LINE.match(buffer, position)[0]  # type: ignore[index]
                yield self._refuse(line, self._why_unreadable(line))
                position += len(line)
            self._ended = True
            position = self._skip_line_ends(buffer, position)
        return position

    def _run_limit(self, buffer: bytes, position: int, end: int) -> int:
        """Return how far records can be matched together so that none of them can be too long."""
        longest = position + self._max_record
        return end if end <= longest else _end_of_complete_lines(buffer, position, longest)

    def _needs_more(self, buffer: bytes, position: int, record: re.Match[bytes] | None) -> bool:
        """Return whether later bytes may change the record at the position or the number of line ends after it."""
        if record and record.end() < len(buffer):
            return _line_ends(buffer, record.end()) == len(buffer)
        within_limit = len(buffer) - position <= self._max_record
        return within_limit and self._grammar.unfinished.match(buffer, position) is not None

    def _skip_line_ends(self, buffer: bytes, position: int) -> int:
        """Count the empty lines in a run of line ends, and return the end of the run."""
        stop = _line_ends(buffer, position)
        if stop > position:
            lines = max(buffer.count(self._terminator, position, stop), 1)
            self.blanks += lines - 1 if self._ended else lines
        return stop

    def _judge(self, record: bytes) -> bytes:
        """Accept or reject what the grammar matches as one record."""
        lines = [line.count(self._grammar.delimiter) == self._fields - 1 for line in record.splitlines()]
        if len(lines) > 1 and (sum(lines) > 1 or any(lines[1:-1])):
            return self._refuse(record, AMBIGUOUS_QUOTE)
        if b"\0" in record:
            return self._refuse(record, NUL_BYTE)
        if not _is_utf8(record):
            return self._refuse(record, INVALID_ENCODING)
        return self._accept_one(record)

    def _accept_lines(self, lines: bytes) -> Iterator[bytes]:
        """Accept one-line records, except those that are not valid UTF-8."""
        if _is_utf8(lines):
            yield self._accept(lines)
            return
        for valid, group in itertools.groupby(lines.split(self._terminator)[:-1], _is_utf8):
            if valid:
                yield self._accept(b"".join(record + self._terminator for record in group))
            else:
                for record in group:
                    yield self._refuse(record, INVALID_ENCODING)

    def _accept(self, lines: bytes) -> bytes:
        """Accept one-line records that end with the terminator."""
        self.rows += lines.count(self._terminator)
        self._ended = True
        kept = self._project(lines) if self._project else lines
        return kept.replace(self._terminator, self._end)

    def _accept_one(self, record: bytes) -> bytes:
        """Accept one record, given without its line end; its values may contain line ends."""
        self.rows += 1
        return (self._project(record) if self._project else record) + self._end

    def _refuse(self, record: bytes, reason: str) -> bytes:
        self.rows += 1
        self.rejected += 1
        self._reject(self.rows, reason, record)
        return self.placeholder

    def _why_unreadable(self, line: bytes) -> str:
        if len(line) > self._max_record:
            return RECORD_TOO_LONG
        if b"\0" in line:
            return NUL_BYTE
        if not _is_utf8(line):
            return INVALID_ENCODING
        if self._grammar.any_record.match(line):
            return WRONG_FIELD_COUNT
        return UNCLOSED_QUOTE if self._grammar.unfinished.match(line) else STRAY_QUOTE


def _end_of_complete_lines(buffer: bytes, start: int, stop: int) -> int:
    """Return the start of the last line in this part of the buffer; all line ends before it are complete."""
    end = stop
    while end > start and buffer[end - 1] in b"\r\n":
        end -= 1
    return max(buffer.rfind(b"\n", start, end) + 1, buffer.rfind(b"\r", start, end) + 1, start)


def _line_ends(buffer: bytes, position: int) -> int:
    """Return the end of the run of line ends at the position."""
    return _LINE_ENDS.match(buffer, position).end()  # type: ignore[union-attr]


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
