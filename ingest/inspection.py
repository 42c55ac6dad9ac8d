"""Look at a file: what it is, which format fits it, and which of its records can be read. No database.

The file is read as a stream, more than once if no format fits, so it has to be a regular file; `rereadable` makes one
of standard input.
"""

import codecs
import contextlib
import csv
import io
import itertools
import os
import re
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.advice import backslash_advice, encoding_advice, field_count_advice
from ingest.compression import Readable
from ingest.encodings import guess_utf_16, likely_encoding
from ingest.errors import FormatError, HeaderError, SourceError
from ingest.evidence import Column
from ingest.formats import CONSTANTS, STANDARD, Format, parse_format, possible_formats
from ingest.header import SAMPLE_BYTES, Fit, Layout, fitting_formats, most_frequent_line_ends, samples_by_format
from ingest.kinds import kind_of
from ingest.proposal import Facts, guess_columns, propose
from ingest.reading import Reading, Rejects
from ingest.records import Grammar
from ingest.remote import RemoteFile
from ingest.results import InspectedColumn, InspectedFile, Inspection, Records
from ingest.sniffing import find_end, find_table
from ingest.source import Source, as_utf8, is_elsewhere, known_encoding, open_source, source_name
from ingest.texts import fields_of
from warehouse.texts import printable

_FIRST_ROWS = 3
_LINES_SHOWN = 3
_LONGEST_VALUE = 80
_TAIL_BYTES = 64 << 10
_BLOCK_BYTES = 1 << 20
# By how many lines that are not UTF-8 an encoding is guessed; of each block, at least one is looked at.
_INVALID_LINES = 1000
_LINE_BYTES = 4 << 10

_STANDARD_INPUT = "-"
_PROPOSED = "proposed"

_NO_TABLE = "no line looks like a header of at least two columns"


@dataclass(frozen=True)
class Options:
    """What is known of a file in advance.

    Attributes:
        format_name: Name of its format, or path of a .toml file; None to find it by the header.
        constants: Values of columns that it does not have.
        delimiter: Its field delimiter, if it is another one than the format's.
        encoding: Its encoding without a byte order mark, if it is another one than the format's.
        without_header: Whether it has no header.
    """

    format_name: str | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    encoding: str | None = None
    without_header: bool = False


@contextlib.contextmanager
def rereadable(path: str) -> Iterator[str]:
    """Yield a path that can be read more than once: that of the file, or of a copy of what is none or is elsewhere.

    The copy has no name, so nothing is left of it however the process ends.

    Raises:
        SourceError: The file cannot be read, or there is no room for the copy.
    """
    is_local = not is_elsewhere(path) and path != _STANDARD_INPUT
    if is_local and os.path.isdir(path):  # noqa: PTH112 - an empty path is none
        raise SourceError(f"{path}: this is a directory. Name one of its files.")
    try:
        is_file = is_local and stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116
    except OSError:
        # Whoever opens it says what is wrong.
        is_file = True
    if is_file:
        yield path
        return
    if path == _STANDARD_INPUT and sys.stdin is None:
        raise SourceError("Standard input is closed: name a file instead of -.")
    with contextlib.ExitStack() as stack:
        try:
            copy = stack.enter_context(tempfile.TemporaryFile())
            stream = _stream(path, stack)
            while block := stream.read(_BLOCK_BYTES):
                copy.write(block)
            copy.flush()
        except OSError as error:
            raise SourceError(
                f"{source_name(path)}: cannot be copied to a temporary file ({error.strerror or error}). "
                "Save it as a file, or set TMPDIR to a directory with free space."
            ) from None
        yield f"/dev/fd/{copy.fileno()}"


def _stream(path: str, stack: contextlib.ExitStack) -> Readable:
    if is_elsewhere(path):
        return stack.enter_context(contextlib.closing(RemoteFile(path)))
    return sys.stdin.buffer if path == _STANDARD_INPUT else stack.enter_context(Path(path).open("rb"))


def inspect_file(
    path: str,
    options: Options,
    *,
    name: str,
    always_propose: bool = False,
    on_progress: Callable[[Source], None] = lambda _: None,
) -> Inspection:
    """Return what is in a file.

    Args:
        path: A regular file.
        options: What is known of it.
        name: What to call it.
        always_propose: Propose a format even if one fits.
        on_progress: Called after each block is read.

    Raises:
        SourceError: The file cannot be read, or the options contradict each other or the format.
    """
    file = _File(path, name, on_progress)
    try:
        formats = possible_formats(options.format_name, without_header=options.without_header)
    except FormatError as error:
        raise FormatError(f"{name}: {error}" if options.without_header else str(error)) from None
    head = file.head(options.encoding)
    fit = _fit(head, formats, options.delimiter, options.encoding)
    if fit.formats and not always_propose:
        return _of_known_format(file, fit, options)
    return _of_unknown_format(file, head, fit, formats, options)


@dataclass(frozen=True)
class _File:
    path: str
    name: str
    on_progress: Callable[[Source], None]

    @contextlib.contextmanager
    def opened(self, encoding: str) -> Iterator[Source]:
        with open_source(self.path, encoding) as source:
            source.name = self.name
            yield source

    def head(self, encoding: str | None) -> bytes:
        with self.opened(encoding or "utf-8") as source:
            return source.head(SAMPLE_BYTES)

    def scan(self, encoding: str) -> tuple[list[bytes], bytes, Source]:
        """Read the whole file; some lines that are not valid in UTF-8 once decoded, the last bytes, and the source."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        invalid: list[bytes] = []
        tail = b""
        with self.opened(encoding) as source:
            for block in source.blocks():
                tail = (tail + block)[-_TAIL_BYTES:]
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    lines = (line[:_LINE_BYTES] for line in re.split(rb"[\r\n]+", block) if not _is_utf8(line))
                    invalid.extend(itertools.islice(lines, max(_INVALID_LINES - len(invalid), 1)))
                    decoder.reset()
                self.on_progress(source)
            with contextlib.suppress(UnicodeDecodeError):
                decoder.decode(b"", final=True)
            return invalid, tail, source


def _fit(head: bytes, formats: Mapping[str, Format], delimiter: str | None, encoding: str | None) -> Fit:
    return fitting_formats(samples_by_format(head, formats, encoding), delimiter.encode() if delimiter else None)


def _of_known_format(file: _File, fit: Fit, options: Options) -> Inspection:
    form, problem, advice = fit.formats[0], None, None
    if len(fit.formats) > 1:
        problem = f"the header fits several formats: {', '.join(form.name for form in fit.formats)}"
        advice = "Choose one with --format."
        if len({form.name for form in fit.formats}) == 1:
            problem = f"the header fits the format {form.name} with several delimiters"
            advice = "Choose one with --delimiter."
    else:
        missing = [column for column in form.lacks if column not in options.constants]
        try:
            form = form.with_constants({**options.constants, **dict.fromkeys(missing, "?")})
        except FormatError as error:
            raise FormatError(f"{file.name}: {error}") from None
        if missing:
            form = replace(form, constants={key: form.constants[key] for key in form.constants if key not in missing})
            problem = f"files of the format {form.name} lack {', '.join(missing)}"
            advice = f"Add {' '.join(f'--set {column}=VALUE' for column in missing)}."
    reading, rejects, source = _read(file, form, options)
    delimiter = form.delimiter
    hints = (
        encoding_advice(rejects, source.encoding, "add"),
        field_count_advice(rejects, reading.layout.fields, delimiter.encode(), reading.records.rows),
        backslash_advice(rejects),
    )
    return Inspection(
        file=_file_facts(file, source, reading, delimiter),
        format=form.name if len(fit.formats) == 1 else None,
        format_title=form.title if len(fit.formats) == 1 else None,
        problem=problem,
        advice=" ".join(filter(None, (advice, *hints))) or None,
        columns=_columns(reading.layout, _header(reading, delimiter)),
        constants=dict(form.constants),
        records=_records(reading, rejects),
    )


def _of_unknown_format(
    file: _File, head: bytes, fit: Fit, formats: Mapping[str, Format], options: Options
) -> Inspection:
    encoding = known_encoding(options.encoding or "utf-8")
    kind = None if guess_utf_16(head) else kind_of(head, as_utf8(head, encoding)[:SAMPLE_BYTES])
    invalid, tail, source = file.scan(encoding)
    is_guessed = not options.encoding and not source.has_byte_order_mark and not kind
    if is_guessed and (found := _guess_encoding(head, invalid)):
        encoding = found
        _, tail, source = file.scan(encoding)
    sample = as_utf8(head, encoding)[:SAMPLE_BYTES]
    problem = _why_none_fits(fit)
    bare = Inspection(
        file=_bare_facts(file, source, sample),
        format=None,
        problem=problem if sample.strip() else "the file is empty",
        advice=f"No format can be proposed either: {_NO_TABLE}." if sample.strip() else None,
    )
    if kind:
        return replace(bare, problem=kind.what, advice=kind.advice)
    table = None if b"\0" in sample else find_table(sample, options.delimiter)
    if table is None:
        return bare
    hint = _other_encoding(head, formats, options.delimiter, encoding)
    end, lines_after = find_end(tail, table)
    guess = guess_columns(table)
    facts = Facts(
        name=file.name,
        table=table,
        encoding="utf-8" if source.has_byte_order_mark else encoding,
        is_encoding_certain=not is_guessed or encoding.startswith("utf"),
        end=end,
        lines_after=lines_after,
        columns={},
        constants={key: value for key, value in options.constants.items() if key in CONSTANTS},
    )
    guess = replace(guess, fields={key: at for key, at in guess.fields.items() if key not in facts.constants})
    try:
        reading, rejects, source, columns = _read_proposed(file, propose(facts, guess))
        is_end_right = reading.lines_after_rows == len(lines_after) or not end
    except HeaderError:
        return bare
    except FormatError:
        is_end_right = False
    if not is_end_right:
        # Rows begin like that too.
        facts = replace(facts, end=None)
        reading, rejects, source, columns = _read_proposed(file, propose(facts, guess))
    text = propose(replace(facts, columns=columns), guess)
    form = parse_format(_PROPOSED, text)
    return Inspection(
        file=_file_facts(file, source, reading, table.delimiter),
        format=None,
        is_proposed=True,
        problem=problem,
        advice=hint,
        columns=_columns(reading.layout, _header(reading, table.delimiter)),
        constants=dict(form.constants),
        records=_records(reading, rejects),
        proposal=text,
    )


def _why_none_fits(fit: Fit) -> str | None:
    if fit.formats:
        return None
    if fit.is_similar and fit.nearest:
        missing = ", ".join(repr(printable(name)) for name in fit.missing)
        return f"no format fits; the closest is {fit.nearest.name}, for which the header lacks {missing}"
    if fit.nearest and fit.nearest.name == STANDARD and len(fit.missing) < len(fit.nearest.columns):
        return f"no format fits; the closest is {STANDARD}, for which the header lacks {', '.join(fit.missing)}"
    return "no format fits"


def _guess_encoding(head: bytes, invalid: Sequence[bytes]) -> str | None:
    """The likely encoding of a file without a byte order mark, as Python names it; None if it is UTF-8."""
    if found := guess_utf_16(head):
        return found
    return known_encoding(likely_encoding(invalid) or "windows-1252") if invalid else None


def _other_encoding(head: bytes, formats: Mapping[str, Format], delimiter: str | None, encoding: str) -> str | None:
    """Whether a format fits in another encoding than its own."""
    fit = _fit(head, formats, delimiter, encoding)
    if len(fit.formats) != 1 or encoding == fit.formats[0].encoding:
        return None
    return f"With --encoding {encoding} it fits the format {fit.formats[0].name}."


def _read(file: _File, form: Format, options: Options) -> tuple[Reading, Rejects, Source]:
    rejects = Rejects()
    with file.opened(options.encoding or form.encoding) as source:
        reading = Reading(source, form, form.delimiter.encode(), reject=rejects.add)
        for _ in reading.pieces(file.on_progress):
            pass
    return reading, rejects, source


def _read_proposed(file: _File, text: str) -> tuple[Reading, Rejects, Source, dict[str, Column]]:
    """Read the file in a proposed format, and its columns with it."""
    form = parse_format(_PROPOSED, text)
    rejects = Rejects()
    csv.field_size_limit(sys.maxsize)
    with file.opened(form.encoding) as source:
        reading = Reading(source, form, form.delimiter.encode(), reject=rejects.add)
        columns = {name: Column() for name in reading.layout.columns}
        for piece in reading.pieces(file.on_progress):
            for record in csv.reader(io.StringIO(piece.decode(), newline=""), delimiter=form.delimiter):
                for column, value in zip(columns.values(), record, strict=False):
                    column.add(value)
    return reading, rejects, source, columns


def _records(reading: Reading, rejects: Rejects) -> Records:
    reader = reading.records
    return Records(
        read=reader.rows,
        rejected=reader.rejected,
        blank=reader.blanks,
        rejected_by_reason=dict(sorted(rejects.reasons.items())),
        rejected_examples=tuple(rejects.examples),
    )


def _header(reading: Reading, delimiter: str) -> tuple[str, ...] | None:
    layout = reading.layout
    if not layout.has_header:
        return None
    return tuple(
        value.strip() for value in fields_of(reading.sample[layout.header_start : layout.start], delimiter.encode())
    )


def _columns(layout: Layout, header: Sequence[str] | None) -> tuple[InspectedColumn, ...]:
    ours: dict[int, list[str]] = {}
    for column, index in zip(layout.columns, layout.used, strict=True):
        ours.setdefault(index, []).append(column)
    names = header or layout.columns
    return tuple(InspectedColumn(_shown(name), tuple(ours.get(index, ()))) for index, name in enumerate(names))


def _bare_facts(file: _File, source: Source, sample: bytes) -> InspectedFile:
    return InspectedFile(
        name=file.name,
        size=source.size or 0,
        compression=source.compression,
        content_bytes=source.content_bytes,
        encoding=source.encoding,
        has_byte_order_mark=source.has_byte_order_mark,
        line_terminator=most_frequent_line_ends(sample).decode(),
    )


def _file_facts(file: _File, source: Source, reading: Reading, delimiter: str) -> InspectedFile:
    layout = reading.layout
    header = _header(reading, delimiter)
    before = [line for line in re.split(rb"[\r\n]+", reading.sample[: layout.header_start]) if line.strip()]
    return replace(
        _bare_facts(file, source, reading.sample),
        line_terminator=layout.terminator.decode(),
        delimiter=delimiter,
        lines_before_header=tuple(_shown(line.decode(errors="replace")) for line in before[:_LINES_SHOWN]),
        lines_before_header_count=layout.lines_before_header,
        header=tuple(map(_shown, header)) if header is not None else None,
        first_rows=_first_rows(reading.sample, layout.start, delimiter),
        lines_after_rows=reading.lines_after_rows,
    )


def _first_rows(sample: bytes, start: int, delimiter: str) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    record = Grammar(delimiter.encode()).any_record
    lines = re.compile(rb"[\r\n]*+([^\r\n]*+)")
    position = start
    while len(rows) < _FIRST_ROWS:
        at = lines.match(sample, position).start(1)  # type: ignore[union-attr]
        if at >= len(sample):
            break
        found = record.match(sample, at)
        text = found[0] if found else lines.match(sample, at)[1]  # type: ignore[index]
        if text.strip(delimiter.encode()):
            rows.append(tuple(map(_shown, fields_of(text, delimiter.encode()))))
        position = at + len(text)
    return tuple(rows)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _shown(value: str) -> str:
    return printable(value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…")
