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


def samples(text: str, *others: Format) -> dict[str, tuple[Format, bytes]]:
    return {form.name: (form, text.encode()) for form in (*read_formats().values(), *others)}


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


STANDARD_HEADER = "id,name,company_id,amount,status,created_at,paid_at\n"
STANDARD_ROW = "1,Acme,acme,2.00,paid,2019-06-05,\n"


def test_titles_stand_before_the_header_of_the_standard_format_but_no_rows_do() -> None:
    standard = read_formats()[STANDARD]
    titles = 'Payments of May\n"by" the "shop"\n\n,,,,,,\n'
    layout = read_layout(f"{titles}{STANDARD_HEADER}{STANDARD_ROW}".encode(), standard)
    assert (layout.has_header, layout.lines_before_header) == (True, 3)

    # The header is a row of its own then: nothing that may be a payment is a title.
    layout = read_layout(f"{STANDARD_ROW}{STANDARD_HEADER}".encode(), standard)
    assert (layout.has_header, layout.start, layout.lines_before_header) == (False, 0, 0)
    with pytest.raises(HeaderError, match="the header lacks id, name, company_id, .*; found 'payments of may'"):
        read_layout(f"Payments of May\n{STANDARD_ROW}{STANDARD_HEADER}".encode(), standard)


@pytest.mark.parametrize("line", ["sep=;\n", "sep=;\r\n", "SEP=;\n", '"sep=;"\n', "sep=;;;;\n", "\nsep=;\n"])
@pytest.mark.parametrize("header", [STANDARD_HEADER, ""], ids=["header", "no header"])
def test_the_line_that_names_the_delimiter_is_left_out(line: str, header: str) -> None:
    text = line + (header + STANDARD_ROW).replace(",", ";")
    form = choose_format(samples(text))
    layout = read_layout(text.encode(), form)

    assert (form.name, form.delimiter, layout.has_header) == (STANDARD, ";", bool(header))
    assert layout.lines_before_header == 1
    assert text[layout.start :].strip() == STANDARD_ROW.strip().replace(",", ";")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("header", [STANDARD_HEADER, ""], ids=["header", "no header"])
def test_the_delimiter_is_found(delimiter: str, header: str) -> None:
    text = (header + STANDARD_ROW).replace(",", delimiter).replace("2.00", "2" if delimiter == "," else "2,00")
    assert choose_format(samples(text)).delimiter == delimiter
    with pytest.raises(HeaderError, match="the header lacks"):
        choose_format(samples(text), b"," if delimiter != "," else b";")


def test_the_delimiter_of_a_format_is_found_too(shop: Format) -> None:
    form = choose_format(samples(f"{HEADER}\n{ROW}".replace(";", "\t"), shop))
    assert (form.name, form.delimiter) == ("shop", "\t")


def test_a_header_that_lacks_columns_is_shown_in_its_delimiter() -> None:
    with pytest.raises(HeaderError, match="the header lacks name, company_id, status, paid_at; found 'id', 'amount', "):
        choose_format(samples("id;amount;created_at\n"))


@pytest.mark.parametrize("delimiter", [":", "^", "~", "\x01"])
def test_a_delimiter_that_cannot_be_chosen_is_named(delimiter: str) -> None:
    with pytest.raises(HeaderError) as raised:
        choose_format(samples(STANDARD_HEADER.replace(",", delimiter)))
    assert f"Its fields are separated by {delimiter!r}: write the file with" in str(raised.value)


def test_a_first_row_that_shows_neither_amount_nor_date_needs_to_be_told_from_a_header() -> None:
    text = f"1,Acme,acme,n/a,paid,unknown,\n{STANDARD_ROW}"
    with pytest.raises(HeaderError, match="If the file has no header, add --no-header"):
        choose_format(samples(text))

    form = read_formats()[STANDARD].without_header()
    layout = read_layout(text.encode(), form)
    assert (layout.has_header, layout.start, layout.fields) == (False, 0, 7)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_file_without_a_header_is_found_by_its_rows(delimiter: str) -> None:
    text = "no,row\n" + STANDARD_HEADER.replace(",", delimiter)
    form = choose_format({STANDARD: (read_formats()[STANDARD].without_header(), text.encode())})
    layout = read_layout(text.encode(), form)
    assert (form.delimiter, layout.has_header, layout.fields) == (delimiter, False, 7)

    with pytest.raises(
        HeaderError, match="no row has 7 fields, which a file without a header needs: id, name, company_id, "
    ):
        choose_format({STANDARD: (read_formats()[STANDARD].without_header(), b"1;2;3\n")})


def test_a_delimiter_may_end_each_line() -> None:
    standard = read_formats()[STANDARD]
    ended = (STANDARD_HEADER + STANDARD_ROW).replace("\n", ",\n")
    layout = read_layout(ended.encode(), standard)
    assert (layout.fields, layout.ignored) == (8, ("",))

    rows = STANDARD_ROW.replace("\n", ",\n")
    assert read_layout(rows.encode(), standard).fields == 8
    assert read_layout(rows.encode(), standard.without_header()).fields == 8
    # A comma in the name of a company looks alike. What would be the amount tells.
    with pytest.raises(HeaderError, match="the header lacks"):
        read_layout(STANDARD_ROW.replace("Acme", "Acme, Inc").encode(), standard)


def test_a_header_that_the_sample_cuts_is_none(shop: Format) -> None:
    long = (HEADER + ";" + "x" * SAMPLE_BYTES).encode()[:SAMPLE_BYTES]
    with pytest.raises(
        HeaderError, match="no header was found: check that the file is CSV and that --delimiter is right"
    ):
        read_layout(long, shop)


def test_another_delimiter_than_the_formats_counts(shop: Format) -> None:
    text = f"{HEADER}\n".replace(";", "|").encode()
    assert read_layout(text, shop, b"|").fields == 5
    assert choose_format({"shop": (shop, text), STANDARD: (read_formats()[STANDARD], text)}, b"|").name == "shop"


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

    assert str(raised.value) == (
        "the header fits no format. The closest is shop, for which it lacks 'State'. "
        "Describe the file in a format of your own: python -m ingest inspect FILE --propose."
    )


@pytest.mark.parametrize("text", ["a,b,c\n1,2,3\n", "id,name,amount\n", "x\n"])
def test_a_file_that_is_like_none_is_compared_with_the_standard_format(shop: Format, text: str) -> None:
    with pytest.raises(
        HeaderError, match=re.escape("Name the columns id, name, company_id, amount, status, ")
    ) as raised:
        choose(text, shop)
    assert "or describe the file: python -m ingest inspect FILE --propose." in str(raised.value)


@pytest.mark.parametrize("text", ["", "\n\r\n", ",,,\n"])
def test_an_empty_file_fits_none(shop: Format, text: str) -> None:
    with pytest.raises(HeaderError, match="the file is empty; provide a file with a header or rows"):
        choose(text, shop)


def test_rows_without_a_header_are_of_the_standard_format(shop: Format) -> None:
    assert choose("1,Acme,acme,2.00,paid,2019-06-05,\n", shop) == STANDARD
