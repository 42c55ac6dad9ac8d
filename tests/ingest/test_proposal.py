"""Proposals of formats: what the values prove is said, what they do not is to be checked, and all of it can be read."""

import csv
import io
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.evidence import amount_evidence, date_evidence
from ingest.formats import parse_format
from ingest.inspection import Options, inspect_file
from ingest.results import Inspection
from ingest.sniffing import words
from ingest.vocabulary import STATUSES, our_status
from tests.conftest import CHECKOUT
from tests.ingest.layouts import LAYOUTS, Layout

NAMES = ["Transaction ID", "Company", "Amount", "Status", "Date"]


def inspect(path: Path, content: bytes, **options: str) -> Inspection:
    path.write_bytes(content)
    return inspect_file(str(path), Options(**options), name=path.name)  # type: ignore[arg-type]


def proposal(path: Path, content: bytes, **options: str) -> str:
    """The proposal for a file; that it can be read is checked."""
    found = inspect(path, content, **options).proposal
    assert found is not None
    parse_format("proposed", found)
    return found


def of_rows(path: Path, rows: Iterable[Iterable[str]], names: Iterable[str] = NAMES) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, *rows])
    return proposal(path, text.getvalue().encode())


def of_dates(path: Path, *dates: str) -> str:
    return of_rows(path, [(f"t{number}", "Acme", "1.50", "paid", date) for number, date in enumerate(dates)])


def of_amounts(path: Path, *amounts: str, name: str = "Amount") -> str:
    rows = [(f"t{number}", "Acme", amount, "paid", "2024-05-01") for number, amount in enumerate(amounts)]
    return of_rows(path, rows, [name if each == "Amount" else each for each in NAMES])


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_an_invented_layout_is_found_out(tmp_path: Path, layout: Layout) -> None:
    inspection = inspect(tmp_path / layout.name, layout.content)

    assert inspection.proposal is not None
    assert inspection.problem is not None
    assert inspection.format is None
    data = tomllib.loads(inspection.proposal)
    assert data["columns"] == layout.columns
    assert data["values"] == layout.values
    assert data["statuses"] == layout.statuses
    assert inspection.records is not None
    assert inspection.records.rejected == 0
    assert inspection.records.read >= len(layout.charges)
    assert all(edit in inspection.proposal for edit in layout.edits)


def test_only_what_the_values_prove_is_said_of_dates(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"

    assert 'date_order = "day-month-year"' in of_dates(path, "05/06/2019", "13/06/2019").splitlines()
    assert 'date_order = "month-day-year"' in of_dates(path, "05/06/2019", "06/13/2019").splitlines()
    assert "date_order" not in of_dates(path, "2019-05-06", "20190506")
    undecided = of_dates(path, "05/06/2019", "06.07.2019").splitlines()
    assert [line for line in undecided if "date_order" in line] == [
        '# date_order = "day-month-year"',
        '# date_order = "month-day-year"',
    ]
    assert "# check: 05/06/2019 may be the 5th of June or the 6th of May" in "\n".join(undecided)
    assert "some dates are day-month-year and some month-day-year" in of_dates(path, "13/06/2019", "06/13/2019")
    assert "some dates begin with the year, others end with it" in of_dates(path, "2019-05-06", "05/06/2019")
    assert 'reads dates such as "5 May 2019"' in of_dates(path, "5 May 2019", "6 May 2019")


def test_a_date_far_down_the_file_proves_as_well(tmp_path: Path) -> None:
    assert (
        'date_order = "day-month-year"'
        in of_dates(tmp_path / "a.csv", *["05/06/2019"] * 20_000, "13/06/2019").splitlines()
    )


def test_only_what_the_values_prove_is_said_of_amounts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"

    def values(*amounts: str, name: str = "Amount") -> dict[str, str]:
        found = tomllib.loads(of_amounts(path, *amounts, name=name))["values"]
        assert isinstance(found, dict)
        return found

    assert values("1,234.50", "3.99") == {"decimal_mark": ".", "digit_group": ","}
    assert values("1.234,50", "3,99") == {"decimal_mark": ",", "digit_group": "."}
    assert values("1'234.50", "3.99") == {"decimal_mark": ".", "digit_group": "'"}
    assert values("1 234,50", "3,99") == {"decimal_mark": ",", "digit_group": " "}
    assert values("1.234.567", "3") == {"decimal_mark": ",", "digit_group": "."}
    assert values("1,234", "3.99") == {"decimal_mark": ".", "digit_group": ","}
    assert values("12,5", "3") == {"decimal_mark": ","}
    assert values("€ 12,50", "-3,00") == {"decimal_mark": ","}
    assert "unit" not in values("1250", "300")
    assert values("1250", "300", name="Amount (cents)") == {"decimal_mark": ".", "unit": "minor"}
    assert "# check: all amounts are whole numbers" in of_amounts(path, "1250", "300")
    assert '# check: "1,234" may be over a thousand' in of_amounts(path, "1,234", "300")
    assert "a point is the decimal mark in 1 of the amounts, a comma in 2." in of_amounts(path, "1,5", "1.5", "2,5")
    assert values("1,5", "1.5", "2,5", "1.000,5") == {"decimal_mark": ",", "digit_group": "."}
    assert '# negative = "not_a_charge"' in of_amounts(path, "12.50", "-3.00")
    assert "negative" not in of_amounts(path, "12.50", "-0.00")
    assert 'currency = "EUR"' in of_amounts(path, "€ 12,50", "€ 3,00")
    assert 'currency = "GBP"' in of_amounts(path, "12.50", name="Amount (GBP)")
    assert '# currency = "..."' in of_amounts(path, "$12.50")


def test_all_statuses_are_there_known_or_not(tmp_path: Path) -> None:
    statuses = ["Paid", "PAID", "Zahlung erhalten", "payment_failed", "weird", "weird", 'odd "one"\x07']
    text = of_rows(
        tmp_path / "a.csv", [(f"t{at}", "Acme", "1.5", status, "2024-05-01") for at, status in enumerate(statuses)]
    )

    assert tomllib.loads(text)["statuses"] == {"paid": ["Paid"], "voided": ["payment_failed"]}
    assert '#   "weird", in 2 rows' in text
    assert '#   "Zahlung erhalten", in 1 row' in text
    assert '#   "odd \\"one\\"\\u0007", in 1 row' in text


def test_too_many_statuses_are_none(tmp_path: Path) -> None:
    rows = [(f"t{at}", "Acme", "1.5", f"s{at}", "2024-05-01") for at in range(200)]
    text = of_rows(tmp_path / "a.csv", rows)

    assert "# TODO: no column looks like a status" in text
    assert "status" in parse_format("proposed", text).lacks


def test_what_is_missing_is_to_be_done(tmp_path: Path) -> None:
    text = of_rows(tmp_path / "a.csv", [("Anna", "blue"), ("Bob", "red"), ("Bob", "red")], ["Who", "Colour"])

    for column in ("an id", "an amount", "the date of a payment"):
        assert f"# TODO: no column looks like {column}." in text
    assert "# TODO: the file names no currency. Put its ISO 4217 code here" in text
    assert "--set company_id=... --set name=..." in text


def test_constants_that_are_known_are_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"Transaction ID,Amount,Status,Date\nt1,1.50,paid,2024-05-01\n")
    options = Options(constants={"company_id": "acme", "name": "Acme", "currency": "USD"})
    found = inspect_file(str(path), options, name="a.csv").proposal

    assert found is not None
    assert tomllib.loads(found)["constants"] == {"company_id": "acme", "name": "Acme", "currency": "USD"}
    assert "TODO:" not in found


def test_totals_end_the_rows_unless_rows_begin_like_that(tmp_path: Path) -> None:
    head = b"Transaction ID,Company,Amount,Status,Date\n"
    row = b"t%d,Acme,1.50,paid,2024-05-01\n"
    rows = b"".join(row % number for number in range(9))

    def end(content: bytes) -> str | None:
        return parse_format("proposed", proposal(tmp_path / "a.csv", head + content)).end

    assert end(rows + b"Total,,13.50,,\n") == "Total"
    assert end(rows + b"\nGrand total: 9,,13.50,,\nPrinted today\n") == "Grand total"
    assert end(rows) is None
    assert end(b"Total 1,Acme,1.50,paid,2024-05-01\n" + rows + b"Total,,13.50,,\n") is None
    # Of a merchant: nothing is left empty in it.
    assert end(rows + b"Total Wine,Acme,13.50,paid,2024-05-01\n") is None


def test_a_name_that_is_there_twice_is_no_column(tmp_path: Path) -> None:
    text = of_rows(
        tmp_path / "a.csv", [("t1", "1.5", "2.5", "paid", "2024-05-01")], ["ID", "Amount", "amount", "Status", "Date"]
    )

    assert "# TODO: no column looks like an amount." in text


def test_names_in_other_scripts_are_kept_apart(tmp_path: Path) -> None:
    names = ["Номер", "Сумма", "状态", "تاريخ"]
    text = of_rows(tmp_path / "a.csv", [(f"t{at}", "1.5", "paid", "2024-05-13") for at in range(3)], names)

    found = tomllib.loads(text)["columns"]
    assert [found[column] for column in ("id", "amount", "status", "created_at")] == names


def test_ledgers_say_in_a_type_what_others_say_in_a_status(tmp_path: Path) -> None:
    names = ["Transaction ID", "Merchant Reference", "Card Type", "Type", "Amount", "Date", "TimeZone"]
    rows = [
        ("t1", "r1", "visa", "Charge", "1.50", "2024-05-01", "CET"),
        ("t2", "r2", "visa", "?", "1", "2024-05-01", ""),
    ]
    text = of_rows(tmp_path / "a.csv", rows, names)

    assert tomllib.loads(text)["columns"] == {
        "id": "Transaction ID",
        "amount": "Amount",
        "status": "Type",
        "created_at": "Date",
    }
    assert '# check: the column "TimeZone" may hold time zones' in text


def test_every_status_of_ours_is_one_of_the_models() -> None:
    seed = (CHECKOUT / "dbt_project/seeds/charge_statuses.csv").read_text(encoding="utf-8").splitlines()[1:]

    assert set(STATUSES) == {line.split(",")[0] for line in seed} | {"not_a_charge"}
    # Each word means one thing, and is written as words are compared.
    everything = [word for spellings in STATUSES.values() for word in spellings]
    assert len(everything) == len(set(everything))
    assert [word for word in everything if words(word) != word] == []


def test_the_words_of_statuses_are_found_in_any_writing() -> None:
    assert our_status(words("Réglée")) == "paid"
    assert our_status(words("PAYMENT_CANCELLED")) == "voided"
    assert our_status(words("chargedBack")) == "charged_back"
    assert our_status(words("Zurückerstattet")) == "refunded"
    assert our_status(words("something else")) is None


def test_evidence_of_single_values() -> None:
    assert amount_evidence("1.234,50") == frozenset(["group .", "decimal ,"])
    assert amount_evidence("1,234") == frozenset(["either ,"])
    assert amount_evidence("12.34.56") is None
    assert amount_evidence("abc") is None
    assert date_evidence("31.12.2019 10:00") == "day-month-year"
    assert date_evidence("12/31/2019") == "month-day-year"
    assert date_evidence("31/12/19") == "unreadable"
    assert date_evidence("99/99/2019") == "unreadable"
    assert date_evidence("hello") is None


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=8, unique=True),
    rows=st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=8), max_size=6),
    delimiter=st.sampled_from(",;|\t"),
)
def test_any_proposal_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], rows: list[list[str]], delimiter: str
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([names, *rows])
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text.getvalue().encode("utf-8", "replace"))
    found = inspect_file(str(path), Options(), name='any "file"\n.csv').proposal

    if found is not None:
        parse_format("proposed", found)
