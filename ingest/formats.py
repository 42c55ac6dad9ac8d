"""The formats of files: data that says which columns are ours and what values mean.

A format is one file, `formats/NAME.toml`. Ingest reads from it where records and columns are. What values mean it
passes on with each load, as `raw.loads.meaning`; the dbt models know what to do with that. docs/your-own-file.md
describes the file.
"""

import functools
import tomllib
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.errors import FormatError, SourceError
from ingest.source import known_encoding
from warehouse.settings import CHECKOUT

FORMATS = CHECKOUT / "formats"

# The layout that the warehouse is built around.
STANDARD = "standard"

# The columns of raw.raw_transactions that come from a file. The first ones are those of the standard format, in the
# order of a file without a header.
COLUMNS = ("id", "name", "company_id", "amount", "status", "created_at", "paid_at")
FURTHER_COLUMNS = ("currency", "amount_refunded", "created_time", "time_zone")

_OPTIONAL_COLUMNS = {"paid_at", "amount_refunded", "created_time", "time_zone"}
# What may be the same in all rows of a file, so that no column says it: the format does, or whoever loads the file.
CONSTANTS = ("company_id", "name", "status", "currency")

_CHOICES = {
    "decimal_mark": (".", ","),
    "digit_group": (",", ".", " ", "'"),
    "unit": ("major", "minor"),
    "date_order": ("year-month-day", "month-day-year", "day-month-year"),
    "negative": ("rejected", "not_a_charge"),
}
_DEFAULTS = {
    "decimal_mark": ".",
    "unit": "major",
    "date_order": "year-month-day",
    "time_zone": "UTC",
    "negative": "rejected",
}

# As the models have it.
LONGEST_PROVIDER = 30

_KEYS = {"title", "provider", "file", "columns", "values", "constants", "statuses", "time_zones"}
_FILE_KEYS = {"delimiter", "encoding", "header", "end"}
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Format:
    """The format of a file.

    Attributes:
        name: Name of the format: that of its file without `.toml`.
        title: What it is, for people.
        delimiter: Field delimiter, one ASCII character.
        encoding: Encoding of a file without a byte order mark, as Python names it.
        has_optional_header: Whether the file may come without a header, with its fields in the order of the columns.
        has_no_header: Whether the file comes without a header; it may in any case then.
        end: How the first field of the record begins that ends the rows; None if the file ends with its rows.
        columns: Each column of raw.raw_transactions that the file has, and how its header may be written.
        constants: Columns that have the same value in all rows, and the values.
        meaning: What values mean, for the models; None for the standard format, whose values need no translation.
    """

    name: str
    title: str
    delimiter: str
    encoding: str
    has_optional_header: bool
    end: str | None
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str]
    meaning: Mapping[str, Any] | None
    has_no_header: bool = False

    @property
    def lacks(self) -> list[str]:
        """The columns that have to come from somewhere else: neither the file nor a constant has them."""
        known = {*self.columns, *self.constants, *_OPTIONAL_COLUMNS}
        if self.meaning is None:
            known.add("currency")
        return [column for column in (*COLUMNS, *FURTHER_COLUMNS) if column not in known]

    def with_constants(self, constants: Mapping[str, str]) -> "Format":
        """Return the format of a file of which more is known.

        Raises:
            FormatError: A column cannot be a constant, or the file has it, or one is missing still.
        """
        for column, value in constants.items():
            if column not in CONSTANTS:
                raise FormatError(f"{column} cannot be set: only {', '.join(CONSTANTS)} can.")
            if column in self.columns:
                raise FormatError(f"{column} cannot be set: the format {self.name} has a column for it.")
            if self.meaning is None:
                raise FormatError(f"{column} cannot be set: files of the format {self.name} need no such value.")
            if not value.strip():
                raise FormatError(f"{column} is set without a value: write --set {column}=VALUE.")
        completed = replace(self, constants={**self.constants, **constants})
        if completed.lacks:
            settings = " ".join(f"--set {column}=…" for column in completed.lacks)
            raise FormatError(f"files of the format {self.name} lack {', '.join(completed.lacks)}: add {settings}.")
        return completed

    def without_header(self) -> "Format":
        """Return the format of a file that has no header.

        Raises:
            FormatError: Files of this format always have one.
        """
        if not self.has_optional_header:
            raise FormatError(f"files of the format {self.name} need a header to identify the columns.")
        return replace(self, has_no_header=True)

    def meaning_of_load(self) -> Mapping[str, Any] | None:
        """Return what the values of a load mean, for `raw.loads.meaning`."""
        return None if self.meaning is None else {**self.meaning, **self.constants}


def read_formats(directory: Path = FORMATS) -> dict[str, Format]:
    """Read all formats of a directory, by name.

    Raises:
        FormatError: A file is no format, or the standard format is missing.
    """
    formats = {file.stem: read_format(file) for file in sorted(directory.glob("*.toml"))}
    if STANDARD not in formats:
        raise FormatError(f"{directory} lacks {STANDARD}.toml: restore it from the repository.")
    return formats


def read_format(file: Path) -> Format:
    """Read one format.

    Raises:
        FormatError: The file cannot be read, or is no format.
    """
    try:
        return parse_format(file.stem, file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError(f"{file}: {error.strerror}. Check the path and its permissions.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"{file}: this is not TOML ({error}).") from None
    except SourceError as error:
        raise FormatError(f"{file}: {error}") from None


def parse_format(name: str, text: str) -> Format:
    """Return the format that a text in TOML describes.

    Raises:
        TOMLDecodeError: The text is not TOML.
        SourceError: It is no format (FormatError), or its encoding is unknown.
    """
    return _format(name, tomllib.loads(text))


def find_format(name: str, formats: Mapping[str, Format]) -> Format:
    """Return the format with a name, or the one in a file.

    Raises:
        FormatError: There is no such format, or the file is none.
    """
    if name in formats:
        return formats[name]
    if name.endswith(".toml"):
        return read_format(Path(name))
    raise FormatError(f"There is no format {name!r}: use one of {', '.join(formats)}, or the path of a .toml file.")


def possible_formats(name: str | None, *, without_header: bool = False) -> dict[str, Format]:
    """Return the formats that a file may have, by their names.

    Args:
        name: Name of the format, or path of a .toml file; None if it is not known.
        without_header: Whether the file has no header.

    Raises:
        FormatError: There is no such format, it is none, or its files always have a header.
    """
    formats = read_formats(FORMATS)
    if name:
        form = find_format(name, formats)
        return {form.name: form.without_header() if without_header else form}
    if without_header:
        return {form.name: form.without_header() for form in formats.values() if form.has_optional_header}
    return formats


def _format(name: str, data: Mapping[str, Any]) -> Format:
    _refuse_unknown(data, _KEYS, "")
    layout, columns = _table(data, "file"), _table(data, "columns")
    _refuse_unknown(layout, _FILE_KEYS, "[file] ")
    _refuse_unknown(columns, {*COLUMNS, *FURTHER_COLUMNS}, "[columns] ")
    constants = _table(data, "constants")
    _refuse_unknown(constants, CONSTANTS, "[constants] ")
    delimiter = layout.get("delimiter", ",")
    if delimiter not in DELIMITERS:
        raise FormatError(r'[file] delimiter must be one of "," ";" "|" "\t".')
    if layout.get("header", "required") not in ("required", "optional"):
        raise FormatError('[file] header must be "required" or "optional".')
    form = Format(
        name=name,
        title=_text(data, "title", "") if "title" in data else name,
        delimiter=delimiter,
        encoding=known_encoding(_text(layout, "encoding", "[file] ") if "encoding" in layout else "utf-8"),
        has_optional_header=layout.get("header") == "optional",
        end=_text(layout, "end", "[file] ") if "end" in layout else None,
        columns={column: _spellings(columns, column) for column in columns},
        constants={column: _text(constants, column, "[constants] ") for column in constants},
        meaning=_meaning(data),
    )
    twice = sorted(form.columns.keys() & form.constants.keys())
    if twice:
        raise FormatError(f"{', '.join(twice)} is in both [columns] and [constants].")
    lacking = [column for column in form.lacks if form.meaning is None or column not in CONSTANTS]
    if lacking:
        raise FormatError(f"neither [columns] nor [constants] has {', '.join(lacking)}.")
    return form


def _meaning(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What values mean, one text or table per question; None if nothing is said, which is the standard format."""
    values, statuses, zones = (_table(data, key) for key in ("values", "statuses", "time_zones"))
    if "provider" not in data:
        if values or statuses or zones or data.get("constants"):
            raise FormatError('provider is missing: add a short name, such as "stripe", that keeps its ids distinct.')
        return None
    provider = _text(data, "provider", "")
    if not (provider.isascii() and provider.replace("_", "").isalnum() and provider == provider.lower()):
        raise FormatError("provider must consist of lower-case letters, digits and underscores.")
    if len(provider) > LONGEST_PROVIDER:
        raise FormatError(f"provider is longer than {LONGEST_PROVIDER} characters.")
    _refuse_unknown(values, {*_CHOICES, "time_zone"}, "[values] ")
    for key, choices in _CHOICES.items():
        if key in values and values[key] not in choices:
            raise FormatError(f"[values] {key} is none of {', '.join(map(repr, choices))}.")
    meaning = {**_DEFAULTS, **values}
    for zone, where in ((meaning["time_zone"], "[values] time_zone"), *((zone, "[time_zones]") for zone in zones)):
        if not isinstance(zone, str) or zone not in (_known_time_zones() or {zone}):
            raise FormatError(f"{where} {zone!r} is not the IANA name of a time zone, such as Europe/Berlin.")
    if bool(zones) != ("time_zone" in _table(data, "columns")):
        raise FormatError(
            "[columns] time_zone and [time_zones] must be used together: a column, and the meanings of its values."
        )
    if meaning.get("digit_group") == meaning["decimal_mark"]:
        raise FormatError("[values] digit_group and decimal_mark are the same.")
    if statuses:
        meaning["statuses"] = _ours_by_theirs(statuses, "[statuses] ")
    if zones:
        meaning["time_zones"] = _ours_by_theirs(zones, "[time_zones] ")
    return {"provider": provider, **meaning}


# It searches a directory. A system without one has none to compare with.
_known_time_zones = functools.cache(zoneinfo.available_timezones)


def _ours_by_theirs(table: Mapping[str, Any], where: str) -> dict[str, str]:
    """What each of their words is called here. The models compare them in any case."""
    found: dict[str, tuple[str, str]] = {}
    for ours in table:
        for theirs in _spellings(table, ours, where):
            if found.setdefault(theirs.lower(), (theirs, ours))[1] != ours:
                raise FormatError(f"{where}{ours} has {theirs!r}, which {found[theirs.lower()][1]} has too.")
    return dict(found.values())


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        raise FormatError(f"{key} is not a table: write [{key}].")
    return table


def _text(data: Mapping[str, Any], key: str, where: str) -> str:
    value = data[key]
    if not isinstance(value, str) or not value.strip():
        raise FormatError(f"{where}{key} must be a string.")
    return value


def _spellings(data: Mapping[str, Any], key: str, where: str = "[columns] ") -> tuple[str, ...]:
    value = data[key]
    spellings = value if isinstance(value, list) else [value]
    if not spellings or not all(isinstance(spelling, str) and spelling.strip() for spelling in spellings):
        raise FormatError(f"{where}{key} must be a string or a list of strings.")
    return tuple(spellings)


def _refuse_unknown(data: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise FormatError(f"{where}{unknown[0]} is unknown: use one of {', '.join(sorted(known))}.")
