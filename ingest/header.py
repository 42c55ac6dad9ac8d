"""Find the columns of a file from its first records. Pure functions: no file, no database."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.errors import HeaderError
from ingest.formats import COLUMNS, STANDARD, Format
from ingest.records import Grammar
from ingest.source import as_utf8
from ingest.texts import fields_of

# How much of a file is looked at before the load: its header has to end within, and its line ends are counted in this
# much, whatever the blocks in which the file is read.
SAMPLE_BYTES = 64 << 10

# How many lines before the header may be titles and the like.
MOST_LINES_BEFORE_HEADER = 50

# The first record is data, not names, if its amount or its created_at starts as a number or a date does.
_AMOUNT, _CREATED_AT = COLUMNS.index("amount"), COLUMNS.index("created_at")
_NUMBER = re.compile(r"\s*[+-]?[.]?[0-9]")

_RUN_OF_LINE_ENDS = re.compile(rb"[\r\n]+")


@dataclass(frozen=True)
class Layout:
    """The layout of the records in one file.

    Attributes:
        columns: The columns of raw.raw_transactions.
        used: The index of the field of each of these columns; two columns may have the same field.
        fields: Number of fields per record.
        ignored: Names of the fields that are not loaded.
        terminator: The most frequent run of CR and LF.
        has_header: Whether a record names the columns.
        start: Offset of the first byte after the header record; 0 without a header.
        lines_before_header: Number of lines before the header that are not blank.
        header_start: Offset of the header record.
    """

    columns: tuple[str, ...]
    used: tuple[int, ...]
    fields: int
    ignored: tuple[str, ...]
    terminator: bytes
    has_header: bool
    start: int
    lines_before_header: int = 0
    header_start: int = 0


def read_layout(sample: bytes, form: Format, delimiter: bytes | None = None) -> Layout:
    """Find the layout of a file of a format from its first bytes.

    Args:
        sample: The first SAMPLE_BYTES of the file, or all of a shorter file, in UTF-8 without a byte order mark.
        form: The format.
        delimiter: One byte, if it is another one than the format's.

    Raises:
        HeaderError: The sample is blank, or no record names each column of the format exactly once, and the first one
            does not look like data of a format that may have no header.
    """
    delimiter = delimiter or form.delimiter.encode()
    blank = re.compile(rb"(?>[\r\n]|%b*+[\r\n])*+" % re.escape(delimiter)).match(sample)
    first = blank.end() if blank else 0
    if first == len(sample):
        raise HeaderError("the file is empty; provide a file with a header or rows.")
    record = Grammar(delimiter).any_record.match(sample, first)
    is_whole = record is not None and not (record.end() == len(sample) == SAMPLE_BYTES)
    if not is_whole and form.name == STANDARD:
        raise HeaderError(
            f"the first record cannot be read: no line of fields ends within the first {SAMPLE_BYTES // 1024} KiB. "
            "Check that the file is CSV, that its quotes match, and that --delimiter is right."
        )
    if record and is_whole and form.has_optional_header and _is_data(record[0], delimiter):
        every = tuple(range(len(COLUMNS)))
        return Layout(COLUMNS, every, len(COLUMNS), (), most_frequent_line_ends(sample), has_header=False, start=0)
    return _layout_by_header(sample, first, form, delimiter)


@dataclass(frozen=True)
class Fit:
    """Which formats a header fits.

    Attributes:
        formats: The formats that fit; there should be one.
        nearest: If none fits, the format that the header is most similar to.
        missing: Names of the columns that the header lacks for the nearest one, as that format writes them first.
        refusal: If none fits, why the standard format does not.
    """

    formats: tuple[Format, ...]
    nearest: Format | None = None
    missing: tuple[str, ...] = ()
    refusal: HeaderError | None = None

    @property
    def is_similar(self) -> bool:
        """Whether the header has any column of the nearest format, and that is another one than the standard format."""
        nearest = self.nearest
        return nearest is not None and nearest.name != STANDARD and len(self.missing) < len(nearest.columns)


def samples_by_format(
    head: bytes, formats: Mapping[str, Format], encoding: str | None
) -> dict[str, tuple[Format, bytes]]:
    """Return each format with the first bytes of a file as that format reads them: what fitting_formats looks at.

    Args:
        head: The first bytes, as the file has them.
        formats: The formats.
        encoding: Encoding of the file, if it is another one than the formats'.
    """
    return {form.name: (form, as_utf8(head, encoding or form.encoding)[:SAMPLE_BYTES]) for form in formats.values()}


def fitting_formats(samples: Mapping[str, tuple[Format, bytes]], delimiter: bytes | None = None) -> Fit:
    """Return which formats a file fits, by its header.

    Args:
        samples: Each format that there is, by its name, with the first bytes of the file, as for read_layout, read in
            its encoding.
        delimiter: One byte, if it is another one than the formats'.
    """
    fitting, missing, refusals = [], {}, {}
    for form, sample in samples.values():
        try:
            read_layout(sample, form, delimiter)
        except HeaderError as error:
            refusals[form.name] = error
            missing[form.name] = _missing_columns(sample, form, delimiter)
        else:
            fitting.append(form)
    if fitting:
        return Fit(tuple(fitting))

    def likeness(name: str) -> tuple[float, bool]:
        return 1 - len(missing[name]) / len(samples[name][0].columns), name == STANDARD

    nearest, _ = samples[max(missing, key=likeness)]
    lacking = tuple(nearest.columns[column][0] for column in missing[nearest.name])
    return Fit((), nearest, lacking, refusals.get(STANDARD, refusals[nearest.name]))


def choose_format(samples: Mapping[str, tuple[Format, bytes]], delimiter: bytes | None = None) -> Format:
    """Return the format that a file has, by its header.

    Args:
        samples: As for fitting_formats; the standard format is among them.
        delimiter: One byte, if it is another one than the formats'.

    Raises:
        HeaderError: No format fits, or several do. The text names the nearest one and what is missing.
    """
    fit = fitting_formats(samples, delimiter)
    if len(fit.formats) > 1:
        names = ", ".join(form.name for form in fit.formats)
        raise HeaderError(f"the header fits several formats: {names}. Choose one with --format.")
    if fit.formats:
        return fit.formats[0]
    if fit.is_similar and fit.nearest:
        raise HeaderError(
            f"the header fits no format. The nearest is {fit.nearest.name}, for which it lacks "
            f"{', '.join(map(repr, fit.missing))}. "
            "Describe the file in a format of your own: python -m ingest inspect proposes one."
        )
    raise fit.refusal or HeaderError("the header fits no format.")


def header_names(record: bytes, delimiter: bytes) -> list[str]:
    """Return the names in a header as they are compared."""
    return [compared(value) for value in fields_of(record, delimiter)]


def _layout_by_header(sample: bytes, first: int, form: Format, delimiter: bytes) -> Layout:
    grammar = Grammar(delimiter)
    position, lines, refusal = first, 0, None
    while position < len(sample) and lines <= MOST_LINES_BEFORE_HEADER:
        record = grammar.any_record.match(sample, position)
        if record and not (record.end() == len(sample) == SAMPLE_BYTES):
            names = header_names(record[0], delimiter)
            try:
                indexes = _indexes(names, form)
            except HeaderError as error:
                # Of a file without any header, the first record is the one to talk about.
                refusal = refusal or error
            else:
                return _layout(sample, record, names, indexes, delimiter, lines)
        end = _RUN_OF_LINE_ENDS.search(sample, position)
        if form.name == STANDARD or not end:
            break
        position = end.end()
        lines += 1
    raise refusal or HeaderError("no header is found: check that the file is CSV and that --delimiter is right.")


def _layout(
    sample: bytes, record: re.Match[bytes], names: list[str], indexes: dict[str, int], delimiter: bytes, lines: int
) -> Layout:
    columns = sorted(indexes, key=lambda column: indexes[column])
    values = fields_of(record[0], delimiter)
    return Layout(
        columns=tuple(columns),
        used=tuple(indexes[column] for column in columns),
        fields=len(names),
        ignored=tuple(value.strip() for index, value in enumerate(values) if index not in indexes.values()),
        terminator=most_frequent_line_ends(sample),
        has_header=True,
        start=record.end(),
        lines_before_header=lines,
        header_start=record.start(),
    )


def _is_data(record: bytes, delimiter: bytes) -> bool:
    """Whether a record is data in the order of COLUMNS rather than their names."""
    values = fields_of(record, delimiter)
    return (
        len(values) == len(COLUMNS)
        and not any(compared(value) in COLUMNS for value in values)
        and any(_NUMBER.match(values[at]) for at in (_AMOUNT, _CREATED_AT))
    )


def _indexes(names: list[str], form: Format) -> dict[str, int]:
    """Return the index of the field of each column.

    Raises:
        HeaderError: A name is missing, or is there more than once.
    """
    missing = _missing(names, form)
    if missing:
        found = ", ".join(repr(name[:40]) for name in names[:20])
        wanted = ", ".join(spellings[0] for spellings in form.columns.values())
        raise HeaderError(
            f"the header lacks {', '.join(form.columns[column][0] for column in missing)}; found {found}. "
            f"Name the columns {wanted}, in any order, or check --delimiter."
        )
    indexes = {}
    for column, spellings in form.columns.items():
        known = {compared(spelling) for spelling in spellings}
        found_at = [index for index, name in enumerate(names) if name in known]
        if len(found_at) > 1:
            repeated = sorted({names[index] for index in found_at})
            raise HeaderError(f"the header names {', '.join(repeated)} more than once: name each column exactly once.")
        if found_at:
            indexes[column] = found_at[0]
    return indexes


def _missing(names: list[str], form: Format) -> list[str]:
    return [
        column
        for column, spellings in form.columns.items()
        if not any(compared(spelling) in names for spelling in spellings)
    ]


def _missing_columns(sample: bytes, form: Format, delimiter: bytes | None) -> list[str]:
    """The columns of a format that the most similar one of the first records does not name."""
    delimiter = delimiter or form.delimiter.encode()
    lines = _RUN_OF_LINE_ENDS.split(sample.lstrip(b"\r\n"), MOST_LINES_BEFORE_HEADER)[:MOST_LINES_BEFORE_HEADER]
    return min((_missing(header_names(line[:SAMPLE_BYTES], delimiter), form) for line in lines), key=len)


def compared(name: str) -> str:
    """Return a name as names are compared: without case, and with single spaces for white space."""
    return " ".join(unicodedata.normalize("NFKC", name).replace("\ufeff", "").split()).casefold()


def most_frequent_line_ends(sample: bytes) -> bytes:
    """Return the most frequent run of line ends, excluding a run that the end of the sample may have cut."""
    whole = sample if len(sample) < SAMPLE_BYTES else sample.rstrip(b"\r\n")
    runs = Counter(_RUN_OF_LINE_ENDS.findall(whole))
    return runs.most_common(1)[0][0] if runs else b"\n"
