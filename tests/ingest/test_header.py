"""The columns of a file are found by its header, wherever that is and however it is written."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from ingest.errors import HeaderError
from ingest.formats import STANDARD, Format, read_format, read_formats
from ingest.header import SAMPLE_BYTES, choose_format, read_layout

SHOP = """
provider = "shop"
[file]
delimiter = ";"
[columns]
id = "Order No."
amount = ["Sum", "Gross sum"]
currency = "Currency"
status = "State"
created_at = "Größe Datum"
"""
HEADER = "Order No.;Sum;Currency;State;Größe Datum"
ROW = "1;2;EUR;ok;05.06.2019\n"


@pytest.fixture
def shop(tmp_path: Path) -> Format:
    return written(tmp_path, "shop", SHOP)


def written(directory: Path, name: str, text: str) -> Format:
    path = directory / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return read_format(path)


def choose(text: str, *others: Format, formats: Mapping[str, Format] | None = None) -> str:
    known = {**(read_formats() if formats is None else formats), **{form.name: form for form in others}}
    return choose_format({form.name: (form, text.encode()) for form in known.values()}).name


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        HEADER.upper(),
        HEADER.replace(" ", "  "),
        HEADER.replace(" ", "\u00a0"),
        HEADER.replace(";", " ;\t"),
        ";".join(f'"{name}"' for name in HEADER.split(";")),
        "\ufeff" + HEADER,
        HEADER.replace("Größe", "Gro\u0308ße"),
        HEADER.replace("Sum", "Gross sum"),
        HEADER.replace("Sum", '"Gross\u2003sum"'),
    ],
)
def test_names_are_the_same_in_other_white_space_case_and_quotes(shop: Format, header: str) -> None:
    layout = read_layout(f"{header}\n{ROW}".encode(), shop)

    assert layout.columns == ("id", "amount", "currency", "status", "created_at")
    assert (layout.used, layout.fields, layout.ignored) == ((0, 1, 2, 3, 4), 5, ())
    assert layout.start == len(header.encode())
    assert choose(f"{header}\n{ROW}", shop) == "shop"


def test_columns_are_found_in_any_order_among_others_that_may_repeat(shop: Format) -> None:
    header = "Note;State;Größe Datum;Note;Sum;Currency;Order No.;"
    layout = read_layout(f"{header}\n".encode(), shop)

    assert layout.columns == ("status", "created_at", "amount", "currency", "id")
    assert layout.used == (1, 2, 4, 5, 6)
    assert layout.ignored == ("Note", "Note", "")


def test_two_columns_may_have_the_same_field(tmp_path: Path) -> None:
    form = written(tmp_path, "both", SHOP.replace("id =", 'company_id = "Order No."\nid ='))
    layout = read_layout(f"{HEADER}\n".encode(), form)

    assert sorted(zip(layout.columns, layout.used, strict=True))[:3] == [
        ("amount", 1),
        ("company_id", 0),
        ("created_at", 4),
    ]
    assert layout.ignored == ()


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (HEADER.replace("Currency", "Sum"), "lacks Currency"),
        (f"{HEADER};sum", "names sum more than once: name each column exactly once"),
        (f"{HEADER};Gross Sum", "names gross sum, sum more than once"),
        (HEADER.replace("State", "Status"), "lacks State; found 'order no.', 'sum', 'currency', 'status'"),
        (HEADER.replace(";", ","), "lacks Order No., Sum, Currency, State, Größe Datum; found "),
    ],
)
def test_a_name_that_is_missing_or_there_twice_is_named(shop: Format, header: str, names: str) -> None:
    with pytest.raises(HeaderError) as raised:
        read_layout(f"{header}\n{ROW}".encode(), shop)
    assert names in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("titles", "lines"),
    [
        ("sep=;\n", 1),
        ("sep=;\r\n", 1),
        ("Export of May 2019\n", 1),
        ('"Account";"DE12"\r\n\r\n;;\r\n"unclosed\r\n', 3),
        ("\n\n\n", 0),
        ("a;b;c;d;e\n1;2;3;4;5\n", 2),
        ("x\n" * 50, 50),
    ],
)
def test_titles_stand_before_the_header(shop: Format, titles: str, lines: int) -> None:
    text = f"{titles}{HEADER}\n{ROW}"
    layout = read_layout(text.encode(), shop)

    assert layout.lines_before_header == lines
    assert text.encode()[layout.start :].strip().decode() + "\n" == ROW
    assert choose(text, shop) == "shop"


def test_more_lines_than_fifty_are_no_titles(shop: Format) -> None:
    with pytest.raises(HeaderError, match="the header lacks Order No., .*; found 'x'"):
        read_layout(("x\n" * 51 + HEADER + "\n").encode(), shop)


def test_a_file_of_the_standard_format_has_no_titles() -> None:
    header = "id,name,company_id,amount,status,created_at,paid_at\n"
    with pytest.raises(HeaderError, match="the header lacks id, name, company_id, .*; found 'payments of may'"):
        read_layout(f"Payments of May\n{header}".encode(), read_formats()[STANDARD])


def test_a_header_that_the_sample_cuts_is_none(shop: Format) -> None:
    long = (HEADER + ";" + "x" * SAMPLE_BYTES).encode()[:SAMPLE_BYTES]
    with pytest.raises(
        HeaderError, match="no header is found: check that the file is CSV and that --delimiter is right"
    ):
        read_layout(long, shop)


def test_another_delimiter_than_the_formats_counts(shop: Format) -> None:
    text = f"{HEADER}\n".replace(";", "|").encode()
    assert read_layout(text, shop, b"|").fields == 5
    assert choose_format({"shop": (shop, text), STANDARD: (read_formats()[STANDARD], text)}, b"|") is shop


@pytest.mark.parametrize(
    "file", sorted(Path(__file__).parents[1].glob("dbt_project/provider_files/*.csv")), ids=lambda file: file.stem
)
def test_the_file_of_each_provider_fits_its_format_and_no_other(file: Path) -> None:
    text = file.read_text(encoding="utf-8-sig")
    assert choose(text) in file.stem


def test_a_header_that_fits_several_formats_is_for_the_user_to_choose(shop: Format, tmp_path: Path) -> None:
    other = written(
        tmp_path,
        "other",
        SHOP.replace('currency = "Currency"', '[constants]\ncurrency = "EUR"')
        .replace('status = "State"\ncreated_at = "Größe Datum"', "status = 'x'")
        .replace("[columns]\n", '[columns]\ncreated_at = "Größe Datum"\n'),
    )
    with pytest.raises(HeaderError, match="the header fits several formats: shop, other. Choose one with --format."):
        choose(f"{HEADER}\n{ROW}", shop, other)


def test_the_nearest_format_is_named_with_what_is_missing(shop: Format) -> None:
    with pytest.raises(HeaderError) as raised:
        choose(f"{HEADER.replace('State', 'Status')}\n{ROW}", shop)

    assert str(raised.value).startswith("the header fits no format. The nearest is shop, for which it lacks 'State'. ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["a,b,c\n1,2,3\n", "id,name,amount\n", "x\n"])
def test_a_file_that_is_like_none_is_compared_with_the_standard_format(shop: Format, text: str) -> None:
    with pytest.raises(HeaderError, match=re.escape("Name the columns id, name, company_id, amount, status, ")):
        choose(text, shop)


@pytest.mark.parametrize("text", ["", "\n\r\n", ",,,\n"])
def test_an_empty_file_fits_none(shop: Format, text: str) -> None:
    with pytest.raises(HeaderError, match="the file is empty; provide a file with a header or rows"):
        choose(text, shop)


def test_rows_without_a_header_are_of_the_standard_format(shop: Format) -> None:
    assert choose("1,Acme,acme,2.00,paid,2019-06-05,\n", shop) == STANDARD
