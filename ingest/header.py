"""Find the columns of a file from its first records. Pure functions: no file, no database."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.errors import HeaderError
from ingest.formats import COLUMNS, DELIMITERS, STANDARD, Format
from ingest.records import Grammar
from ingest.source import as_utf8
from ingest.texts import fields_of

# How much of a file is looked at before the load: its header has to end within, and its line ends are counted in this
# much, whatever the blocks in which the file is read.
SAMPLE_BYTES = 64 << 10

# How many lines before the header may be titles and the like.
MOST_LINES_BEFORE_HEADER = 50

# How many records are looked at to find how many fields those of a file without a header have.
_MOST_RECORDS = 1000

# The first record is data, not names, if its amount or its created_at starts as a number or a date does.
_AMOUNT, _CREATED_AT = COLUMNS.index("amount"), COLUMNS.index("created_at")
_NUMBER = re.compile(r"\s*[+-]?[.]?[0-9]")

_RUN_OF_LINE_ENDS = re.compile(rb"[\r\n]+")

# The line by which spreadsheets name the delimiter. The header says it as well, so what stands here is not needed.
_DELIMITER_LINE = re.compile(rb'[\r\n]*+[ \t]*"?sep=[^\r\n]?"?[,;|\t ]*(?:[\r\n]+|\Z)', re.IGNORECASE)

# Characters that some files have between fields, and that cannot be chosen as delimiters.
_OTHER_DELIMITERS = re.compile(r"[^\w\s,;|\"'-]|[\x01\x1c-\x1f]")


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
    named = _DELIMITER_LINE.match(sample)
    after_delimiter_line = named.end() if named else 0
    blank = re.compile(rb"(?>[\r\n]|%b*+[\r\n])*+" % re.escape(delimiter)).match(sample, after_delimiter_line)
    first = blank.end() if blank else after_delimiter_line
    if first == len(sample):
        raise HeaderError("the file is empty; provide a file with a header or rows.")
    record = Grammar(delimiter).any_record.match(sample, first)
    is_whole = record is not None and not (record.end() == len(sample) == SAMPLE_BYTES)
    fields = None
    if form.has_no_header:
        fields = _fields_without_header(sample, first, delimiter)
    elif record and is_whole and form.has_optional_header:
        fields = _fields_of_data(record[0], delimiter)
    if fields:
        return Layout(
            columns=COLUMNS,
            used=tuple(range(len(COLUMNS))),
            fields=fields,
            ignored=("",) * (fields - len(COLUMNS)),
            terminator=most_frequent_line_ends(sample),
            has_header=False,
            start=after_delimiter_line,
            lines_before_header=1 if named else 0,
        )
    try:
        return _layout_by_header(sample, first, form, delimiter, lines=1 if named else 0)
    except HeaderError:
        if is_whole or form.name != STANDARD:
            raise
        raise HeaderError(
            f"the first record cannot be read: no line of fields ends within the first {SAMPLE_BYTES // 1024} KiB. "
            "Check that the file is CSV, that its quotes match, and that --delimiter is right."
        ) from None


@dataclass(frozen=True)
class Fit:
    """Which formats a header fits.

    Attributes:
        formats: The formats that fit, with the delimiter that the file has; there should be one.
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


@dataclass(frozen=True)
class _Misfit:
    """Why a file does not fit a format with a delimiter, and which of the columns it lacks."""

    form: Format
    missing: Sequence[str]
    refusal: HeaderError

    @property
    def likeness(self) -> float:
        return 1 - len(self.missing) / len(self.form.columns)


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

    A delimiter that is not given is that of each format or, if none fits with its own, another one. That is safe: only
    the right one parts the header into all names that a format needs, or a first row into fields of the right kinds.

    Args:
        samples: Each format that there is, by its name, with the first bytes of the file, as for read_layout, read in
            its encoding.
        delimiter: One byte, if it is known.
    """
    misfits: list[_Misfit] = []
    for with_other_delimiters in (False,) if delimiter else (False, True):
        fitting = []
        for form, sample in samples.values():
            own = delimiter.decode() if delimiter else form.delimiter
            for separator in [one for one in DELIMITERS if one != own] if with_other_delimiters else [own]:
                tried = replace(form, delimiter=separator)
                try:
                    read_layout(sample, tried)
                except HeaderError as error:
                    misfits.append(_Misfit(tried, _missing_columns(sample, tried), error))
                else:
                    fitting.append(tried)
        if fitting:
            return Fit(tuple(fitting))
    # Of those that are equally near: the standard format, and the delimiter that was tried first.
    nearest = max(misfits, key=lambda misfit: (misfit.likeness, misfit.form.name == STANDARD))
    standard = [misfit for misfit in misfits if misfit.form.name == STANDARD] or [nearest]
    return Fit(
        (),
        nearest.form,
        tuple(nearest.form.columns[column][0] for column in nearest.missing),
        max(standard, key=lambda misfit: misfit.likeness).refusal,
    )


def choose_format(samples: Mapping[str, tuple[Format, bytes]], delimiter: bytes | None = None) -> Format:
    """Return the format that a file has, by its header, with the delimiter of the file.

    Args:
        samples: As for fitting_formats; the standard format is among them.
        delimiter: One byte, if it is known.

    Raises:
        HeaderError: No format fits, or several do. The text names the nearest one and what is missing.
    """
    fit = fitting_formats(samples, delimiter)
    if len(fit.formats) > 1:
        raise HeaderError(several_fit(fit.formats))
    if fit.formats:
        return fit.formats[0]
    if fit.is_similar and fit.nearest:
        raise HeaderError(
            f"the header fits no format. The closest is {fit.nearest.name}, for which it lacks "
            f"{', '.join(map(repr, fit.missing))}. "
            "Describe the file in a format of your own: python -m ingest inspect FILE --propose."
        )
    raise fit.refusal or HeaderError("the header fits no format.")


def several_fit(formats: Sequence[Format]) -> str:
    """Return what is said of a file that fits several formats, or one of them with several delimiters."""
    names = list(dict.fromkeys(form.name for form in formats))
    if len(names) == 1:
        return f"the header fits the format {names[0]} with several delimiters. Choose one with --delimiter."
    return f"the header fits several formats: {', '.join(names)}. Choose one with --format."


def header_names(record: bytes, delimiter: bytes) -> list[str]:
    """Return the names in a header as they are compared."""
    return [compared(value) for value in fields_of(record, delimiter)]


def _layout_by_header(sample: bytes, first: int, form: Format, delimiter: bytes, *, lines: int) -> Layout:
    grammar = Grammar(delimiter)
    position, refusal = first, None
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
            if form.has_optional_header and _fields_of_data(record[0], delimiter):
                # A row before a header, which no title may be: it would not be loaded.
                break
        end = _RUN_OF_LINE_ENDS.search(sample, position)
        if not end:
            break
        position = end.end()
        lines += 1
    raise refusal or HeaderError("no header was found: check that the file is CSV and that --delimiter is right.")


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


def _fields_of_data(record: bytes, delimiter: bytes) -> int | None:
    """The number of fields of a record that is data in the order of COLUMNS; None if it may be their names.

    A delimiter at its end is one field more. With that, both the amount and the date have to be where they belong: a
    field too many may also come from a delimiter in a value.
    """
    values = fields_of(record, delimiter)
    if any(compared(value) in COLUMNS for value in values):
        return None
    fitting = [bool(_NUMBER.match(values[at])) for at in (_AMOUNT, _CREATED_AT) if at < len(values)]
    if len(values) == len(COLUMNS) and any(fitting):
        return len(values)
    return len(values) if _ends_with_delimiter(values) and all(fitting) else None


def _ends_with_delimiter(values: Sequence[str]) -> bool:
    return len(values) == len(COLUMNS) + 1 and not values[-1].strip()


def _fields_without_header(sample: bytes, first: int, delimiter: bytes) -> int:
    """The number of fields of most of the first records that are data in the order of COLUMNS, by their number alone.

    Raises:
        HeaderError: None of them is.
    """
    widths: Counter[int] = Counter()
    record, position = Grammar(delimiter).any_record, first
    for _ in range(_MOST_RECORDS):
        found = record.match(sample, position)
        if found and not (found.end() == len(sample) == SAMPLE_BYTES):
            values = fields_of(found[0], delimiter)
            if len(values) == len(COLUMNS) or _ends_with_delimiter(values):
                widths[len(values)] += 1
        end = _RUN_OF_LINE_ENDS.search(sample, found.end() if found else position)
        if not end:
            break
        position = end.end()
    if not widths:
        raise HeaderError(
            f"no row has {len(COLUMNS)} fields, which a file without a header needs: {', '.join(COLUMNS)}. "
            "Check that the file is CSV and that --delimiter is right."
        )
    return widths.most_common(1)[0][0]


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
            f"Name the columns {wanted}, in any order, check --delimiter, or describe the file: "
            f"python -m ingest inspect FILE --propose.{_hint(names, form)}"
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


def _hint(names: list[str], form: Format) -> str:
    """What else may be wrong with a header that lacks columns: it is a row, or has another kind of delimiter."""
    if form.has_optional_header and len(names) == len(COLUMNS) and not set(names) & set(COLUMNS):
        return " If the file has no header, add --no-header."
    if len(names) == 1:
        for other in dict.fromkeys(_OTHER_DELIMITERS.findall(names[0])):
            if not _missing([compared(name) for name in names[0].split(other)], form):
                return f" Its fields are separated by {other!r}: write the file with , ; | or tab instead."
    return ""


def _missing(names: list[str], form: Format) -> list[str]:
    return [
        column
        for column, spellings in form.columns.items()
        if not any(compared(spelling) in names for spelling in spellings)
    ]


def _missing_columns(sample: bytes, form: Format) -> list[str]:
    """The columns of a format that the most similar one of the first records does not name."""
    delimiter = form.delimiter.encode()
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
