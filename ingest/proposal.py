"""Propose a format for a file that fits none: guess, prove what the values prove, and say what is to be checked.

Pure functions: no file, no database. The text is a complete formats/NAME.toml, which `ingest.formats` reads.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.evidence import (
    AMBIGUOUS,
    DAY_FIRST,
    INTEGER,
    MONTH_FIRST,
    UNREADABLE,
    YEAR_FIRST,
    Column,
    distinct_share,
)
from ingest.formats import COLUMNS, FURTHER_COLUMNS, LONGEST_PROVIDER
from ingest.header import compared
from ingest.sniffing import Table, words
from ingest.vocabulary import CURRENCY_SIGNS, NAMES, STATUSES, TIME_ZONES, name_score, our_status

# A column of time zones is not proposed: what its values mean, no value proves.
_ALL = tuple(column for column in (*COLUMNS, *FURTHER_COLUMNS) if column in NAMES)
# A format without these is none.
_REQUIRED = ("id", "amount", "status", "created_at")

# Amounts and dates have to be most of the values of a column that is named so.
_ENOUGH = 0.6
# An id that no name says is there hardly ever comes twice.
_UNIQUE = 0.95

_LONGEST_COMMENT_VALUE = 60
_MINOR_WORDS = frozenset(("cents", "cent", "minor", "pence", "centavos", "centimos", "centimes"))


@dataclass(frozen=True)
class Guess:
    """Which column of a file is which of ours.

    Attributes:
        fields: The index of the field of each of our columns that the file seems to have.
        unsure: Those of our columns that were found by their values alone, or by nothing.
    """

    fields: Mapping[str, int]
    unsure: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Facts:
    """What is known of a file.

    Attributes:
        name: Name of the file.
        table: Where its records are.
        encoding: Its encoding, as Python names it.
        is_encoding_certain: Whether the encoding is proven.
        end: How the line begins that ends the rows; None without such a line.
        lines_after: The lines after the rows.
        columns: What the values of our columns prove, by the names of our columns.
        constants: Values that are known from elsewhere.
    """

    name: str
    table: Table
    encoding: str
    is_encoding_certain: bool
    end: str | None
    lines_after: tuple[str, ...]
    columns: Mapping[str, Column]
    constants: Mapping[str, str] = field(default_factory=dict)


def guess_columns(table: Table) -> Guess:
    """Return which column is which, by the names and by the values of the first records."""
    names = [words(name) for name in table.header]
    samples = [_sample(table, index) for index in range(len(names))]
    # A name that is there twice can be no column of a format.
    usable = [index for index, name in enumerate(table.header) if _is_unique(name, table.header)]
    scored = sorted(
        (
            (-name_score(column, names[index]), _ALL.index(column), index)
            for column in _ALL
            for index in usable
            if name_score(column, names[index]) and _may_be(column, samples[index], table, index)
        ),
    )
    fields: dict[str, int] = {}
    for _, place, index in scored:
        if _ALL[place] not in fields and index not in fields.values():
            fields[_ALL[place]] = index
    # A day of payment without one of creation: the first says more than nothing.
    unsure = set()
    for column in (*_REQUIRED, "currency"):
        if column not in fields and (found := _by_values(column, usable, fields, samples, table)) is not None:
            fields[column] = found
            unsure.add(column)
    if "created_at" not in fields and "paid_at" in fields:
        fields["created_at"] = fields["paid_at"]
        unsure.add("created_at")
    return Guess(fields, frozenset(unsure))


def propose(facts: Facts, guess: Guess) -> str:
    """Return a format as TOML."""
    lines = [
        f"# A proposal for files such as {_comment(facts.name)}. Review each line that says check or TODO, then",
        "# try it: python -m ingest inspect FILE --format THIS_FILE.toml",
        f"title = {_toml(_title(facts.name))}",
        "# check: a short name for the sender of these files; it keeps their ids apart from other senders' ids.",
        f"provider = {_toml(_provider(facts.name))}",
        "",
        *_file_lines(facts),
        "[columns]",
        *_column_lines(facts, guess),
        "",
        *_value_lines(facts, guess),
        *_constant_lines(facts, guess),
        *_status_lines(facts, guess),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _sample(table: Table, index: int) -> Column:
    column = Column()
    for record in table.records:
        column.add(record[index])
    return column


def _may_be(column: str, sample: Column, table: Table, index: int) -> bool:
    """Whether values do not contradict what the name of a column says."""
    if not sample.filled:
        return True
    if column in ("amount", "amount_refunded"):
        return sample.share(sample.amount_count) >= _ENOUGH
    if column in ("created_at", "paid_at"):
        return sample.share(sample.dates.total()) >= _ENOUGH
    if column == "created_time":
        return sample.share(sample.clocks) >= _ENOUGH
    if column == "currency":
        return sample.share(sample.currencies) >= _ENOUGH
    if column == "status":
        return not sample.has_more_values and not sample.dates and sample.share(sample.amount_count) < _ENOUGH
    if column == "id":
        return distinct_share([record[index] for record in table.records]) > 0.5
    if column == "name":
        return sample.share(sample.amount_count + sample.dates.total()) < _ENOUGH
    return True


def _by_values(
    column: str, usable: Sequence[int], fields: Mapping[str, int], samples: Sequence[Column], table: Table
) -> int | None:
    """The most likely column by its values alone."""
    free = [index for index in usable if index not in fields.values() and samples[index].filled]

    def likeness(index: int) -> float:
        sample = samples[index]
        if column == "currency":
            return sample.share(sample.currencies) if sample.share(sample.currencies) > 0.9 else 0
        if column == "amount":
            with_decimals = sum(count for what, count in sample.amounts.items() if what != INTEGER)
            return sample.share(with_decimals) if sample.share(sample.amount_count) > 0.9 else 0
        if column == "created_at":
            return sample.share(sample.dates.total() - sample.dates[UNREADABLE]) if sample.dates else 0
        if column == "status":
            known = sum(count for value, count in sample.values.items() if our_status(words(value)))
            return sample.share(known) if not sample.has_more_values else 0
        values = [record[index] for record in table.records]
        has_spaces = any(" " in value.strip() for value in values)
        if has_spaces or sample.dates or sample.clocks or distinct_share(values) < _UNIQUE:
            return 0
        return distinct_share(values)

    best = max(free, key=likeness, default=None)
    return best if best is not None and likeness(best) > 0.5 else None


def _file_lines(facts: Facts) -> list[str]:
    table, lines = facts.table, []
    if table.delimiter != ",":
        lines.append(f"delimiter = {_toml(table.delimiter)}")
    if facts.encoding != "utf-8":
        if not facts.is_encoding_certain:
            lines.append("# check: the file is not UTF-8; do letters with accents come out right?")
        lines.append(f"encoding = {_toml(facts.encoding)}")
    if table.lines_before:
        count = len(table.lines_before)
        lines.append(
            f"# {_lines(count)} before the header, which {'is' if count == 1 else 'are'} skipped automatically."
        )
    if facts.lines_after:
        shown = ", ".join(_comment(line) for line in facts.lines_after[:3])
        if facts.end:
            lines.append(f"# check: no row may begin with this text, which ends the rows before: {shown}.")
            lines.append(f"end = {_toml(facts.end)}")
        else:
            lines.append(
                f"# check: these lines at the end are not rows, but their beginnings do not identify them: {shown}."
            )
    return ["[file]", *lines, ""] if lines else []


def _column_lines(facts: Facts, guess: Guess) -> list[str]:
    header, lines = facts.table.header, []
    for column in _ALL:
        if column in facts.constants:
            continue
        if column in guess.fields:
            if column in guess.unsure:
                lines.append(f"# check: not by its name; its values look like {_kind(column)}.")
            lines.append(f"{column} = {_toml(header[guess.fields[column]])}")
        elif column in ("id", "amount", "created_at"):
            # Without one this would be no format.
            lines.append(f"# TODO: no column looks like {_kind(column)}. Put the right one here:")
            lines.append(f"{column} = {_toml(_some_name(header))}")
    others = [name for index, name in enumerate(header) if index not in guess.fields.values()]
    if others:
        shown = ", ".join(_comment(name) for name in others[:30])
        rest = f" and {len(others) - 30} more" if len(others) > 30 else ""
        lines.append(f"# Not loaded: {shown}{rest}.")
    return lines


def _some_name(header: Sequence[str]) -> str:
    """The first name that a format may have."""
    return next((name for name in header if _is_unique(name, header)), header[0])


def _is_unique(name: str, header: Sequence[str]) -> bool:
    """Whether a format may have the name: it is there, and only once."""
    return bool(compared(name)) and [compared(each) for each in header].count(compared(name)) == 1


def _kind(column: str) -> str:
    return {
        "id": "an id",
        "amount": "an amount",
        "status": "a status",
        "created_at": "the date of a payment",
        "currency": "a currency",
    }[column]


def _value_lines(facts: Facts, guess: Guess) -> list[str]:
    lines = [*_amount_lines(facts, guess), *_date_lines(facts, guess)]
    return ["[values]", *lines, ""] if lines else []


def _amount_lines(facts: Facts, guess: Guess) -> list[str]:
    columns = [facts.columns[name] for name in ("amount", "amount_refunded") if name in facts.columns]
    proof = sum((column.amounts for column in columns), start=Counter[str]())
    decimals, groups, either = (
        sorted(what.split(" ", 1)[1] for what in proof if what.startswith(f"{kind} "))
        for kind in ("decimal", "group", "either")
    )
    lines = []
    decimal = decimals[0] if len(decimals) == 1 else None
    if len(decimals) > 1:
        point, comma = (proof[f"decimal {mark}"] for mark in ".,")
        decimal = "," if comma > point else "."
        lines.append(
            f"# check: a point is the decimal mark in {point:,} of the amounts, a comma in {comma:,}. The rarer are"
        )
        lines.append("# rejected.")
    elif decimal is None and (marks := [mark for mark in (*groups, *either) if mark in ".,"]):
        # What groups digits is not the decimal mark.
        certain = [mark for mark in groups if mark in ".,"]
        decimal = ("," if certain[0] == "." else ".") if certain else None
        if decimal is None:
            lines.append(
                f"# check: {_toml('1' + marks[0] + '234')} may be over a thousand or just over one; the values do not "
                "show which. It is read"
            )
            lines.append("# as a thousand, unless you make this mark the decimal one.")
            decimal = "," if marks[0] == "." else "."
            groups = [marks[0]]
    lines.append(f"decimal_mark = {_toml(decimal or '.')}")
    groups = [mark for mark in (*groups, *either) if mark != (decimal or ".")]
    if groups:
        if len(set(groups)) > 1:
            lines.append("# check: there are several digit group marks; amounts with any other are rejected.")
        lines.append(f"digit_group = {_toml(groups[0])}")
    if "amount" in facts.columns and facts.columns["amount"].negatives:
        lines.append(
            "# check: some amounts are negative, which no charge can be. If their rows are not charges, uncomment:"
        )
        lines.append('# negative = "not_a_charge"')
    return [*lines, *_unit_lines(facts, guess, is_whole=set(proof) == {INTEGER})]


def _unit_lines(facts: Facts, guess: Guess, *, is_whole: bool) -> list[str]:
    index = guess.fields.get("amount")
    name = facts.table.header[index] if index is not None else ""
    if is_whole and set(words(name).split()) & _MINOR_WORDS:
        return [f"# From the column name {_comment(name)}.", 'unit = "minor"']
    if is_whole:
        return ["# check: all amounts are whole numbers. If they are cents, uncomment:", '# unit = "minor"']
    return []


def _date_lines(facts: Facts, guess: Guess) -> list[str]:
    columns = [facts.columns[name] for name in ("created_at", "paid_at") if name in facts.columns]
    proof = {what for column in columns for what in column.dates}
    lines = []
    proven = sorted(proof & {YEAR_FIRST, DAY_FIRST, MONTH_FIRST})
    if len(proven) > 1:
        lines.append(f"# check: some dates are {' and some '.join(proven)}; all but one kind are rejected.")
        lines.append(f"date_order = {_toml(proven[0])}")
    elif proven == [YEAR_FIRST] and AMBIGUOUS in proof:
        lines.append("# check: some dates begin with the year, others end with it; the latter are rejected.")
    elif proven and proven != [YEAR_FIRST]:
        lines.append(f"date_order = {_toml(proven[0])}")
    elif AMBIGUOUS in proof:
        lines.append(
            "# check: 05/06/2019 may be the 5th of June or the 6th of May, and no date here has a day after the"
        )
        lines.append("# 12th, which would show it.")
        lines.append("# Until you uncomment one of these lines, the dates are rejected:")
        lines += [f"# date_order = {_toml(order)}" for order in (DAY_FIRST, MONTH_FIRST)]
    if UNREADABLE in proof:
        example = next(column.example for column in columns if column.example)
        lines.append(f"# check: no date order reads dates such as {_comment(example)}; they are rejected.")
    for name in facts.table.header:
        if words(name) in TIME_ZONES:
            lines.append(
                f"# check: the column {_comment(name)} may hold time zones, which requires [time_zones] as well."
            )
    says_utc = any(
        "utc" in words(facts.table.header[guess.fields[name]]).split()
        for name in ("created_at", "created_time")
        if name in guess.fields
    )
    with_time = sum(column.with_time for column in columns) + ("created_time" in guess.fields)
    if says_utc:
        lines.append('time_zone = "UTC"')
    elif with_time > sum(column.with_offset for column in columns):
        lines.append("# check: in which time zone are the times? Its IANA name, such as Europe/Berlin.")
        lines.append('time_zone = "UTC"')
    return lines


def _constant_lines(facts: Facts, guess: Guess) -> list[str]:
    known = set(guess.fields) | set(facts.constants)
    lines = [f"{column} = {_toml(value)}" for column, value in facts.constants.items()]
    if "status" not in known:
        lines.append(
            "# TODO: no column looks like a status. If all rows have the same one, put it here or add --set status=...:"
        )
        lines.append('# status = "paid"')
    if "currency" not in known:
        lines += _currency_lines(facts, guess)
    if missing := [column for column in ("company_id", "name") if column not in known]:
        settings = " ".join(f"--set {column}=..." for column in missing)
        lines.append(f"# TODO: no column says which company a row belongs to. Put it here, or add {settings}:")
        lines += [f'# {column} = "..."' for column in missing]
    return ["[constants]", *lines, ""] if lines else []


def _currency_lines(facts: Facts, guess: Guess) -> list[str]:
    index = guess.fields.get("amount")
    name = facts.table.header[index] if index is not None else ""
    named = re.findall(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", name)
    signs = facts.columns["amount"].signs if "amount" in facts.columns else {}
    in_name = [CURRENCY_SIGNS[sign] for sign in CURRENCY_SIGNS if sign in name]
    if found := [*(code for code in named if code not in ("UTC", "TTC", "VAT")), *in_name]:
        return [f"# check: from the column name {_comment(name)}.", f"currency = {_toml(found[0])}"]
    if len(signs) == 1 and next(iter(signs)) in CURRENCY_SIGNS:
        sign = next(iter(signs))
        return [f"# check: from the sign {sign} in the amounts.", f"currency = {_toml(CURRENCY_SIGNS[sign])}"]
    return [
        "# TODO: the file names no currency. Put its ISO 4217 code here, or add --set currency=...:",
        '# currency = "..."',
    ]


def _status_lines(facts: Facts, guess: Guess) -> list[str]:
    if "status" not in guess.fields or "status" in facts.constants or "status" not in facts.columns:
        return []
    column = facts.columns["status"]
    # Statuses are compared in any case.
    spellings: dict[str, tuple[str, int]] = {}
    for value, count in column.values.most_common():
        first, so_far = spellings.get(value.lower(), (value, 0))
        spellings[value.lower()] = (first, so_far + count)
    ours: dict[str, list[str]] = {}
    unknown = []
    for value, count in spellings.values():
        if mapped := our_status(words(value)):
            ours.setdefault(mapped, []).append(value)
        else:
            unknown.append(f"#   {_comment(value)}, in {count:,} {'row' if count == 1 else 'rows'}")
    lines = [f"{status} = [{', '.join(map(_toml, ours[status]))}]" for status in STATUSES if status in ours]
    if column.has_more_values:
        lines.append(f"# check: there are more than {len(column.values)} different values. Is this the right column?")
    if unknown:
        lines.append("# check: what do these mean? Rows with a status that is not listed are rejected.")
        lines += unknown
    if lines:
        known = ", ".join(STATUSES)
        lines.insert(0, f"# check: the names to the left of = must be ours: {known}.")
    return ["[statuses]", *lines, ""] if lines else []


def _title(name: str) -> str:
    stem = _stem(name)
    return f"Files such as {stem}" if stem else "Files from standard input"


def _provider(name: str) -> str:
    """A name of letters, digits and underscores: of the name of the file what is no date."""
    parts = [part for part in words(_stem(name)).split() if not part.isdigit()]
    return "_".join(parts)[:LONGEST_PROVIDER].strip("_") or "provider"


def _stem(name: str) -> str:
    return re.sub(r"(\.(csv|txt|tsv|gz|zst|bz2|xz|zip))*$", "", name, flags=re.IGNORECASE).strip("-. ")


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _toml(text: str) -> str:
    """Write a text as TOML."""
    return '"' + "".join(_escaped(sign) for sign in text) + '"'


def _comment(text: str) -> str:
    """Write a text in a comment, where no control character may stand."""
    return _toml(text if len(text) <= _LONGEST_COMMENT_VALUE else text[: _LONGEST_COMMENT_VALUE - 1] + "…")


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign == "\t":
        return "\\t"
    if sign.isprintable():
        return sign
    code = ord(sign)
    # A surrogate is no character that TOML can name.
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
