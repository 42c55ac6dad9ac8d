"""Formats as files: what is understood, and the one line that says what is wrong with the others."""

import re
from pathlib import Path

import pytest

from ingest import formats as formats_module
from ingest.errors import FormatError
from ingest.formats import FORMATS, STANDARD, find_format, read_format, read_formats

LEAST = """
provider = "p"
[columns]
id = "ID"
amount = "Sum"
status = "State"
created_at = ["Day", "Date"]
"""
LEAST_OF_STANDARD = LEAST.replace('provider = "p"', "")


def written(directory: Path, text: str) -> Path:
    path = directory / "shop.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    form = read_format(written(tmp_path, LEAST))

    assert (form.name, form.title, form.delimiter, form.encoding, form.end) == ("shop", "shop", ",", "utf-8", None)
    assert not form.has_optional_header
    assert form.columns == {"id": ("ID",), "amount": ("Sum",), "status": ("State",), "created_at": ("Day", "Date")}
    assert form.meaning == {
        "provider": "p",
        "decimal_mark": ".",
        "unit": "major",
        "date_order": "year-month-day",
        "time_zone": "UTC",
        "negative": "rejected",
    }
    assert form.lacks == ["name", "company_id", "currency"]


def test_everything_that_can_be_said_is_passed_on(tmp_path: Path) -> None:
    text = r"""
        title = "A shop's export"
        provider = "shop_2"
        [file]
        delimiter = "\t"
        encoding = "Windows-1252"
        header = "optional"
        end = "Total"
        [columns]
        id = "ID"
        amount = "Sum"
        amount_refunded = "Back"
        created_at = "Day"
        created_time = "Hour"
        time_zone = "Zone"
        [values]
        decimal_mark = ","
        digit_group = "'"
        unit = "minor"
        date_order = "day-month-year"
        time_zone = "Europe/Zurich"
        negative = "not_a_charge"
        [constants]
        company_id = "acme"
        name = "Acme"
        status = "ok"
        currency = "CHF"
        [statuses]
        paid = ["OK", "Done"]
        not_a_charge = "Fee"
        [time_zones]
        "Europe/Zurich" = ["CET", "CEST"]
    """
    form = read_format(written(tmp_path, text))

    assert (form.title, form.delimiter, form.encoding, form.end) == ("A shop's export", "\t", "cp1252", "Total")
    assert form.has_optional_header
    assert form.lacks == []
    assert form.with_constants({}).meaning_of_load() == {
        "provider": "shop_2",
        "decimal_mark": ",",
        "digit_group": "'",
        "unit": "minor",
        "date_order": "day-month-year",
        "time_zone": "Europe/Zurich",
        "negative": "not_a_charge",
        "statuses": {"OK": "paid", "Done": "paid", "Fee": "not_a_charge"},
        "time_zones": {"CET": "Europe/Zurich", "CEST": "Europe/Zurich"},
        "company_id": "acme",
        "name": "Acme",
        "status": "ok",
        "currency": "CHF",
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id = ", "this is not TOML (.*)."),
        (f"{LEAST}[statuses]\npaid = ['x']\n[statuses]\n", "this is not TOML (.*)."),
        (f"colums = 1\n{LEAST}", "colums is unknown: use one of columns, constants, file, .*"),
        (f"title = 1\n{LEAST}", "title must be a string."),
        (f"title = ' '\n{LEAST}", "title must be a string."),
        (f"{LEAST}[file]\nquote = 'x'", "[file] quote is unknown: use one of delimiter, encoding, end, header."),
        (f"{LEAST}[file]\ndelimiter = '::'", r'[file] delimiter must be one of "," ";" "|" "\t".'),
        (f"{LEAST}[file]\ndelimiter = [',']", r'[file] delimiter must be one of "," ";" "|" "\t".'),
        (f"{LEAST}[file]\nheader = true", '[file] header must be "required" or "optional".'),
        (f"{LEAST}[file]\nencoding = 'klingon'", "Unknown encoding 'klingon': use utf-8, .*"),
        (f"{LEAST}[file]\nencoding = 1252", "[file] encoding must be a string."),
        (f"{LEAST}[file]\nend = ''", "[file] end must be a string."),
        ("columns = 'id'", "columns is not a table: write [columns]."),
        (f"{LEAST}amuont = 'x'", "[columns] amuont is unknown: use one of amount, .*"),
        (f"{LEAST}name = 1", "[columns] name must be a string or a list of strings."),
        (f"{LEAST}name = []", "[columns] name must be a string or a list of strings."),
        (f"{LEAST}name = ['a', ' ']", "[columns] name must be a string or a list of strings."),
        (
            f"{LEAST}[constants]\namount = '1'",
            "[constants] amount is unknown: use one of company_id, currency, name, .*",
        ),
        (f"{LEAST}[constants]\nname = 1", "[constants] name must be a string."),
        (f"{LEAST}[constants]\nstatus = 'paid'", "status is in both [columns] and [constants]."),
        (LEAST.replace("amount", "name"), "neither [columns] nor [constants] has amount."),
        ('provider = "p"', "neither [columns] nor [constants] has id, amount, created_at."),
        (LEAST_OF_STANDARD, "neither [columns] nor [constants] has name, company_id."),
        (f"{LEAST_OF_STANDARD}[values]\nunit = 'minor'", 'provider is missing: add a short name, such as "stripe", .*'),
        (f"{LEAST_OF_STANDARD}[statuses]\npaid = 'x'", 'provider is missing: add a short name, such as "stripe", .*'),
        (f"{LEAST_OF_STANDARD}[constants]\nname = 'x'", 'provider is missing: add a short name, such as "stripe", .*'),
        (f"{LEAST_OF_STANDARD}[time_zones]\nUTC = 'x'", 'provider is missing: add a short name, such as "stripe", .*'),
        (LEAST.replace('"p"', '"My Shop"'), "provider must consist of lower-case letters, digits and underscores."),
        (LEAST.replace('"p"', '"a:b"'), "provider must consist of lower-case letters, digits and underscores."),
        (LEAST.replace('"p"', '"é"'), "provider must consist of lower-case letters, digits and underscores."),
        (LEAST.replace('"p"', f'"{"p" * 31}"'), "provider is longer than 30 characters."),
        (LEAST.replace('"p"', "7"), "provider must be a string."),
        (f"{LEAST}[values]\ncurrency = 'EUR'", "[values] currency is unknown: use one of date_order, .*"),
        (f"{LEAST}[values]\ndecimal_mark = ';'", "[values] decimal_mark is none of '.', ','."),
        (f"{LEAST}[values]\ndecimal_mark = ['.']", "[values] decimal_mark is none of '.', ','."),
        (f"{LEAST}[values]\ndigit_group = '_'", """[values] digit_group is none of ',', '.', ' ', "'"."""),
        (f"{LEAST}[values]\ndigit_group = '.'", "[values] digit_group and decimal_mark are the same."),
        (f"{LEAST}[values]\nunit = 'cents'", "[values] unit is none of 'major', 'minor'."),
        (f"{LEAST}[values]\ndate_order = 'dmy'", "[values] date_order is none of 'year-month-day', .*"),
        (f"{LEAST}[values]\nnegative = 'refund'", "[values] negative is none of 'rejected', 'not_a_charge'."),
        (
            f"{LEAST}[values]\ntime_zone = 'CEST'",
            "[values] time_zone 'CEST' is not the IANA name of a time zone, such as .*",
        ),
        (f"{LEAST}[values]\ntime_zone = ['UTC']", r"[values] time_zone \['UTC'\] is not the IANA name .*"),
        (f"{LEAST}time_zone = 'TZ'", "[columns] time_zone and [time_zones] must be used together: .*"),
        (f"{LEAST}[time_zones]\nUTC = 'GMT'", "[columns] time_zone and [time_zones] must be used together: .*"),
        (
            f"{LEAST}time_zone = 'TZ'\n[time_zones]\nMars = 'M'",
            "[time_zones] 'Mars' is not the IANA name of a time zone, .*",
        ),
        (f"{LEAST}[statuses]\npaid = 1", "[statuses] paid must be a string or a list of strings."),
        (f"{LEAST}[statuses]\npaid = 'x'\nvoided = ['y', 'X']", "[statuses] voided has 'X', which paid has too."),
        (
            f"{LEAST}time_zone = 'TZ'\n[time_zones]\nUTC = 'z'\n'Europe/Rome' = 'Z'",
            "[time_zones] Europe/Rome has 'Z', which UTC has too.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line_that_names_the_file(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(FormatError) as raised:
        read_format(path)

    message = str(raised.value)
    assert "\n" not in message
    expected = re.escape(f"{path}: {says}").replace(r"\.\*", ".*").replace(r"\\\[", r"\[").replace(r"\\\]", r"\]")
    assert re.fullmatch(expected, message), message


def test_a_file_that_is_not_there_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"nowhere\.toml: No such file or directory\. Check the path and"):
        read_format(tmp_path / "nowhere.toml")
    path = tmp_path / "latin.toml"
    path.write_bytes(b'title = "caf\xe9"')
    with pytest.raises(FormatError, match=r"latin\.toml: this is not TOML"):
        read_format(path)


def test_a_system_without_time_zones_loads_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats_module, "_known_time_zones", set)
    assert read_formats()[STANDARD].lacks == []


def test_a_format_is_found_by_its_name_or_by_its_path(tmp_path: Path) -> None:
    formats = read_formats()
    path = written(tmp_path, LEAST)

    assert find_format(STANDARD, formats) is formats[STANDARD]
    assert find_format(str(path), formats) == read_format(path)
    with pytest.raises(FormatError, match=r"There is no format 'strip': use one of adyen_settlement, .*, or the path"):
        find_format("strip", formats)


def test_a_directory_without_the_standard_format_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"lacks standard\.toml: restore it from the repository\.\Z"):
        read_formats(tmp_path)


def test_what_a_file_does_not_say_has_to_be_set(tmp_path: Path) -> None:
    form = read_format(written(tmp_path, f'{LEAST}[constants]\nname = "Acme"'))

    with pytest.raises(FormatError, match=r"lack company_id, currency: add --set company_id=… --set currency=…\."):
        form.with_constants({})
    completed = form.with_constants({"company_id": "acme", "currency": "EUR", "name": "Acme Ltd"})
    assert completed.lacks == []
    meaning = completed.meaning_of_load()
    assert meaning is not None
    assert (meaning["company_id"], meaning["currency"], meaning["name"]) == ("acme", "EUR", "Acme Ltd")


@pytest.mark.parametrize(
    ("constants", "says"),
    [
        ({"amount": "1"}, "amount cannot be set: only company_id, name, status, currency can."),
        ({"status": "paid"}, "status cannot be set: the format shop has a column for it."),
        ({"company_id": " "}, "company_id is set without a value: write --set company_id=VALUE."),
    ],
)
def test_what_cannot_be_set_is_refused(tmp_path: Path, constants: dict[str, str], says: str) -> None:
    with pytest.raises(FormatError, match=re.escape(says)):
        read_format(written(tmp_path, LEAST)).with_constants(constants)


def test_the_standard_format_means_nothing_else_and_lacks_nothing() -> None:
    standard = read_formats()[STANDARD]

    assert standard.with_constants({}).meaning_of_load() is None
    assert standard.lacks == []
    for column in ("company_id", "name", "status"):
        with pytest.raises(FormatError, match=f"{column} cannot be set: the format standard has a column for it"):
            standard.with_constants({column: "x"})
    with pytest.raises(FormatError, match="currency cannot be set: files of the format standard"):
        standard.with_constants({"currency": "EUR"})


@pytest.mark.parametrize("file", sorted(FORMATS.glob("*.toml")), ids=lambda file: file.stem)
def test_each_shipped_format_says_where_it_is_documented(file: Path) -> None:
    form = read_format(file)
    head = file.read_text(encoding="utf-8").partition("\ntitle = ")[0]

    assert all(line.startswith("#") for line in head.splitlines())
    assert form.title != form.name
    if form.name != STANDARD:
        assert "https://" in head
        assert form.meaning is not None
        assert form.meaning["provider"] in form.name
        ours = {*form.meaning["statuses"].values()}
        seed = (FORMATS.parent / "dbt_project/seeds/charge_statuses.csv").read_text(encoding="utf-8")
        assert ours <= {"not_a_charge", *(line.split(",")[0] for line in seed.splitlines()[1:])}
