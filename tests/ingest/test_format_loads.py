"""Loads of other formats: what arrives, what is passed on with it, and that nothing is lost of a broken file."""

import gzip
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from ingest import DataLoader, LoadReport
from ingest.errors import FormatError, HeaderError
from ingest.formats import STANDARD, Format, read_format, read_formats
from ingest.header import read_layout
from ingest.trailer import MOST_LINES_AFTER_ROWS
from tests.conftest import query
from tests.ingest.hostile_files import TERMINATORS
from tests.ingest.program import run
from tests.ingest.reference_reader import read, value

SHOP = """
provider = "shop"
[file]
delimiter = ";"
encoding = "windows-1252"
end = "Summe"
[columns]
id = "Nummer"
amount = "Betrag"
status = "Zustand"
created_at = "Datum"
[constants]
currency = "EUR"
"""
CONTENT = "Umsätze im Mai\r\n\r\nNummer;Datum;Käufer;Betrag;Zustand\r\n1;05.06.2019;Ö;1,50;ok\r\nSumme;;;1,50;\r\nEnde"
SHIPPED = sorted(read_formats().keys() - {STANDARD})
SETTINGS = {"company_id": "acme", "name": "Acme", "currency": "USD"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.toml"
    path.write_text(SHOP, encoding="utf-8")
    return path


def load(path: Path, content: bytes, form: Path | str | None = None, **options: Any) -> LoadReport:
    path.write_bytes(content)
    return DataLoader().load_csv_to_database(str(path), format_name=None if form is None else str(form), **options)


def constants_of(form: Format) -> Mapping[str, str]:
    return {column: SETTINGS[column] for column in form.lacks}


def test_a_load_takes_with_it_what_its_values_mean(database: str, shop: Path, tmp_path: Path) -> None:
    report = load(
        tmp_path / "shop.csv", CONTENT.encode("windows-1252"), shop, constants={"company_id": "acme", "name": "Acme"}
    )

    assert (report.format, report.encoding, report.rows_read, report.rows_loaded) == ("shop", "cp1252", 1, 1)
    assert (report.lines_before_header, report.lines_after_rows, report.ignored_columns) == (1, 2, ("Käufer",))
    columns = "id, amount, status, created_at, name, company_id, paid_at, currency"
    assert query(database, f"select {columns} from raw.raw_transactions") == [
        ("1", "1,50", "ok", "05.06.2019", None, None, None, None)
    ]
    assert query(database, "select format, meaning, lines_before_header, lines_after_rows from raw.loads") == [
        (
            "shop",
            {
                "provider": "shop",
                "decimal_mark": ".",
                "unit": "major",
                "date_order": "year-month-day",
                "time_zone": "UTC",
                "negative": "rejected",
                "company_id": "acme",
                "name": "Acme",
                "currency": "EUR",
            },
            1,
            2,
        )
    ]
    assert DataLoader().validate_data_integrity()


def test_the_standard_format_has_no_meaning(database: str, tmp_path: Path) -> None:
    load(tmp_path / "a.csv", b"id,name,company_id,amount,status,created_at,paid_at\n1,2,3,4,5,6,7\n")
    assert query(database, "select format, meaning from raw.loads") == [("standard", None)]


def test_what_ends_the_rows_may_not_stand_in_the_middle_of_the_file(database: str, shop: Path, tmp_path: Path) -> None:
    rows = "".join(f"{number};05.06.2019;;1,50;ok\n" for number in range(MOST_LINES_AFTER_ROWS))
    content = f"Nummer;Datum;Käufer;Betrag;Zustand\n{rows}Summe;;;1,50;\n{rows}"
    constants = {"company_id": "acme", "name": "Acme"}
    with pytest.raises(FormatError, match=r"long.csv: 51 lines follow the first one that begins with 'Summe', which"):
        load(tmp_path / "long.csv", content.encode("windows-1252"), shop, constants=constants)
    assert query(database, "select to_regclass('raw.raw_transactions')") == [(None,)]

    content = content[: content.rindex("49;")]
    report = load(tmp_path / "long.csv", content.encode("windows-1252"), shop, constants=constants)
    assert (report.rows_loaded, report.lines_after_rows) == (50, 50)


@pytest.mark.parametrize("form", SHIPPED)
def test_a_file_that_lacks_a_column_is_not_loaded(database: str, tmp_path: Path, form: str) -> None:
    known = read_formats()[form]
    names = [spellings[0] for spellings in known.columns.values()]
    for missing in sorted(set(names)):
        header = known.delimiter.join(name for name in names if name != missing)
        with pytest.raises(HeaderError, match=f"the header lacks .*{re.escape(missing)}"):
            load(tmp_path / "a.csv", f"{header}\n".encode(), form, constants=constants_of(known))


@st.composite
def headers(draw: st.DrawFn, form: Format) -> list[str]:
    """The names of a format in one of their spellings, among others, in any order."""
    spelt = {draw(st.sampled_from(spellings)) for spellings in form.columns.values()}
    others = draw(st.lists(st.sampled_from(["Note", "Tax", "", "é"]), max_size=2))
    return list(draw(st.permutations([*sorted(spelt), *others])))


@st.composite
def bodies(draw: st.DrawFn, delimiter: str, fields: int) -> bytes:
    """Records that end alike more often than not, whole ones and broken ones."""
    separator = delimiter.encode()
    field = st.sampled_from(
        [b"1", b"Settled", b"1,5", b'"1,234.50"', b"$1", b"2024-03-31", b'"a""b"', b'"x\ny"', b'""', b"", b"\xc3\xa9"]
    )
    broken = st.sampled_from(
        [b'"open', b'x"y', b"\xff", b"\0", b'"', b"Summe;", b"\\.", separator, b"\n", b"\r\n", b"\r", b" "]
    )
    whole = st.lists(field, min_size=fields, max_size=fields).map(separator.join)
    ragged = st.lists(field | broken, min_size=1, max_size=fields + 1).map(separator.join)
    terminator = draw(st.sampled_from(TERMINATORS))
    parts = draw(st.lists(st.one_of(whole, whole, ragged, broken), max_size=8))
    return terminator.join(parts) + draw(st.sampled_from([b"", terminator]))


@pytest.mark.parametrize("name", [*SHIPPED, "shop"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_is_lost_of_a_broken_file(
    database: str, tmp_path: Path, shop: Path, name: str, data: st.DataObject
) -> None:
    # The reference reads UTF-8.
    shop.write_text(SHOP.replace("windows-1252", "utf-8"), encoding="utf-8")
    form = read_format(shop) if name == "shop" else read_formats()[name]
    names = data.draw(headers(form))
    titles = data.draw(st.sampled_from([b"", b"sep=;\n", b"Title\r\n\r\n", b"\xef\xbb\xbf"]))
    body = data.draw(bodies(form.delimiter, len(names)))
    content = titles + form.delimiter.join(names).encode() + data.draw(st.sampled_from([b"\n", b"\r\n"])) + body
    note(content)
    path = tmp_path / "broken.csv"

    report = load(path, content, shop if name == "shop" else name, constants=constants_of(form), force=True)

    layout = read_layout(content.removeprefix(b"\xef\xbb\xbf"), form)
    rows = content.removeprefix(b"\xef\xbb\xbf")[layout.start :]
    end = re.search(rb'(?:\A|(?<=[\r\n]))[ \t]*"?[ \t]*Summe', rows) if form.end else None
    expected = read(
        rows[: end.start()] if end else rows,
        delimiter=form.delimiter.encode(),
        fields=len(names),
        used=layout.used,
        terminator=report.line_terminator.encode(),
        after_header=True,
        longest=1 << 20,
    )
    loaded = [tuple(map(value, row)) for row in expected.rows if row is not None]
    columns = ", ".join(layout.columns)
    in_table = f"select {columns} from raw.raw_transactions where _load_id = %s order by _row_number"
    assert query(database, in_table, report.load_id) == loaded
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (
        len(expected.rows),
        len(loaded),
        len(expected.rejected),
    )
    assert report.lines_after_rows == (len(re.findall(rb"[^\r\n]+", rows[end.start() :])) if end else 0)
    assert DataLoader().validate_data_integrity()


def test_the_program_says_what_a_file_does_not(database: str, tmp_path: Path) -> None:
    path = tmp_path / "transactions.csv"
    path.write_text(
        "Payment ID,Total Collected,Event Type,Date,Time,Time Zone\na,$1,Payment,2024-01-01,10:00:00,London\n"
    )
    done = run("load", str(path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: transactions.csv: files of the format square_transactions lack name, company_id, currency: add "
        "--set name=… --set company_id=… --set currency=….\n"
    )
    done = run("load", str(path), "--set", "name")
    assert done.returncode == 2
    assert "write COLUMN=VALUE" in done.stderr

    done = run("load", "--json", str(path), "--set", "name=A=B", "--set", "company_id=a", "--set", "currency=GBP")
    assert json.loads(done.stdout)["loads"][0]["format"] == "square_transactions"
    assert query(database, "select meaning ->> 'name' from raw.loads") == [("A=B",)]


@pytest.mark.parametrize("is_known_before", [True, False])
def test_options_count_for_a_file_that_is_already_loaded(
    database: str, shop: Path, tmp_path: Path, is_known_before: bool
) -> None:
    content, constants = CONTENT.encode("windows-1252"), {"company_id": "nord", "name": "Nord"}
    load(tmp_path / "shop.csv", content, shop, constants=constants)
    # By the name and the size it is known before it is read; a compressed copy of another name, after.
    path = tmp_path / ("shop.csv" if is_known_before else "other.csv.gz")
    content = content if is_known_before else gzip.compress(content)

    def warnings(form: Path | str | None, **constants: str) -> tuple[str, ...]:
        report = load(path, content, form, constants=constants)
        assert (report.status, report.load_id) == ("already loaded", 1)
        return report.warnings

    assert warnings(shop, **constants) == ()
    assert warnings(shop, company_id="sued", name="Nord") == (
        "load 1 has company_id 'nord', not 'sued'. To replace it, add --force.",
    )
    shop.write_text(SHOP.replace("[columns]", '[values]\ndecimal_mark = ","\n[columns]'), encoding="utf-8")
    assert warnings(shop, **constants) == (
        "load 1 has another version of the format shop. To replace it, add --force.",
    )
    other = shop.rename(shop.with_name("market.toml"))
    assert warnings(other, **constants) == ("load 1 has the format shop, not market. To replace it, add --force.",)
    for form, wrong, says in (
        ("nope", constants, "There is no format 'nope'"),
        (other, {**constants, "foo": "1"}, "foo cannot be set"),
        (other, {**constants, "currency": " "}, "currency is set without a value"),
    ):
        with pytest.raises(FormatError, match=says):
            load(path, content, form, constants=wrong)
    # Without options, as a refresh loads it, the load that is there is good enough.
    if is_known_before:
        assert warnings(None) == ()


def test_a_file_that_was_loaded_with_a_header_may_have_none(database: str, tmp_path: Path) -> None:
    content = b"id,name,company_id,amount,status,created_at,paid_at\n1,2,3,4,5,6,7\n"
    load(tmp_path / "a.csv", content)
    report = load(tmp_path / "a.csv", content, without_header=True)

    assert report.warnings == ("load 1 was read with a header. To replace it, add --force.",)
    with pytest.raises(FormatError, match="need a header"):
        load(tmp_path / "a.csv", content, "stripe_payments", without_header=True)
