"""The page stands by itself, shows the marts, and takes names and rejected rows for text, whatever they say."""

import hashlib
import json
import re
from base64 import b64encode
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from report.figures import read_figures
from report.page import chart_library, inlined, render_page
from report.snapshot import snapshot
from tests.dbt_project.warehouse import Warehouse
from tests.report.conftest import HOSTILE_NAMES, IMAGE

EVENT_HANDLER = re.compile(r"^on|^style$")


@dataclass
class Reading(HTMLParser):
    """What a browser finds in a page: its elements, the text of scripts and styles, the cells of its tables."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    raw: dict[str, list[str]] = field(default_factory=lambda: {"script": [], "style": []})
    tables: list[list[list[str]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._inside = ""
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag
        if tag in self.raw:
            self.raw[tag].append("")
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
        if tag in {"td", "th"}:
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._inside in self.raw:
            self.raw[self._inside][-1] += data
            return
        self.text.append(data)
        if self._in_cell:
            self.tables[-1][-1][-1] += data

    def table(self, *heading: str) -> list[list[str]]:
        """The rows of the table whose first row begins with these cells."""
        (table,) = [
            [[" ".join(cell.split()) for cell in row] for row in table]
            for table in self.tables
            if [" ".join(cell.split()) for cell in table[0][: len(heading)]] == list(heading)
        ]
        return table[1:]

    def data(self, name: str) -> Any:
        """What the page's script reads of that name."""
        scripts = [attributes for tag, attributes in self.elements if tag == "script"]
        return json.loads(self.raw["script"][[one.get("id") for one in scripts].index(name)])


def read(text: str) -> Reading:
    reading = Reading()
    reading.feed(text)
    reading.close()
    return reading


def render() -> str:
    with snapshot() as warehouse:
        figures = read_figures(warehouse)
    return render_page(figures)


def test_the_page_shows_the_marts(reported: Warehouse, page: Path) -> None:
    reading = read(page.read_text())

    def rows(statement: str) -> list[list[str]]:
        return [list(row) for row in reported.query(statement)]

    money, count = "'FM999,999,999,999,990.00'", "'FM999,999,990'"
    assert sorted(reading.table("Status")[:-1]) == rows(
        f"select replace(status, '_', ' '), '', to_char(count(*), {count}), to_char(sum(amount), {money})"
        " from analytics.charges group by status order by 1"
    )
    assert [reading.table("Status")[-1]] == rows(
        f"select 'All', '', to_char(count(*), {count}), to_char(sum(amount), {money}) from analytics.charges"
    )
    totals = rows(f"select to_char(sum(total_amount), {money}) from analytics.daily_transaction_summary")
    assert totals[0][0] in reading.text
    companies = reading.table("Company", "Day by day")
    assert [row[-1] for row in companies] == [
        total
        for (total,) in rows(
            f"select to_char(sum(total_amount), {money}) from analytics.daily_transaction_summary"
            " group by company_id order by sum(total_amount) desc"
        )
    ]
    assert sorted([reason, number] for reason, _, number, _ in reading.table("Reason")) == rows(
        "select reason, count(*)::text from analytics.rejected_transactions,"
        " unnest(string_to_array(reasons, ',')) as reason group by 1 order by 1"
    )
    assert [[load, form, read_, rejected] for load, _, form, _, _, read_, rejected, _ in reading.table("Load")] == rows(
        "select load_id::text, format, rows_read::text, (select count(*)::text from analytics.rejected_transactions"
        " where rejected_transactions.load_id = loads.load_id) from raw.loads order by load_id desc"
    )
    data = reading.data("totals-data")
    assert [[f"{sum(data['cents']) / 100:.2f}", sum(data["count"])]] == rows(
        "select sum(total_amount)::text, sum(transaction_count)::int from analytics.daily_transaction_summary"
    )


def test_hostile_names_are_text(page: Path) -> None:
    reading = read(page.read_text())

    assert [attributes.get("type") for tag, attributes in reading.elements if tag == "script"] == [
        "application/json",
        "application/json",
        None,
        "module",
    ]
    tags = {tag for tag, _ in reading.elements}
    assert "img" not in tags
    assert [name for _, attributes in reading.elements for name in attributes if EVENT_HANDLER.match(name)] == []
    names = [company["name"] for company in reading.data("totals-data")["companies"]]
    assert names == [*HOSTILE_NAMES, "Twin", "Twin", "5 others"]
    shown = "".join(reading.text)
    assert [name for name in HOSTILE_NAMES if name not in shown] == []
    assert "49" not in [word for word in shown.split() if word == "49"]
    # A script could take these for the end of a line.
    assert not {"\u2028", "\u2029"} & set("".join(reading.raw["script"]))


def test_rejected_rows_are_shown_as_they_came(page: Path) -> None:
    reading = read(page.read_text())

    shown = "".join(reading.text)
    assert "3.0e213231213123" in shown
    assert shown.count(IMAGE) >= 8
    assert r"a,b\377</pre></script>" in shown
    assert r"a\000b" in shown
    assert "9" * 500 in shown
    assert "9" * 501 not in shown
    # A missing id, and another one of a space alone.
    assert shown.count("(blank)") >= 3
    assert "Longer values are cut after 500 characters." in shown
    places = {attributes["id"] for _, attributes in reading.elements if attributes.get("id")}
    links = [attributes["href"] for tag, attributes in reading.elements if tag == "a"]
    assert [link for link in links if link is None or link[1:] not in places] == []
    assert {"#row-2-5", "#row-2-6"} <= set(links)


def test_the_policy_names_the_scripts_and_the_style_and_nothing_else(page: Path) -> None:
    reading = read(page.read_text())

    (policy,) = [
        attributes["content"] or ""
        for tag, attributes in reading.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    def digest(text: str) -> str:
        return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert directives == {
        "default-src": "'none'",
        "script-src": " ".join(digest(script) for script in reading.raw["script"][2:]),
        "style-src": digest(reading.raw["style"][0]),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    addresses = [
        value for _, attributes in reading.elements for name, value in attributes.items() if name in {"src", "href"}
    ]
    assert [address for address in addresses if address is None or not address.startswith(("#", "data:"))] == []


def test_no_script_ends_its_element() -> None:
    assert inlined('a = "</SCRIPT><!-- </scrap>"; b < c') == r'a = "\x3c/SCRIPT>\x3c!-- </scrap>"; b < c'


def test_the_library_keeps_its_license() -> None:
    library = chart_library()

    assert "Redistributions in binary form must reproduce the above copyright" in library
    assert "University of Washington Interactive Data Lab" in library


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("truncate raw.loads cascade; truncate analytics.stg_loads", "Nothing is loaded. Load a file with"),
        ("select", "There are no charges: 6 of 6 rows were rejected."),
    ],
)
def test_an_empty_warehouse_says_so(reported: Warehouse, statement: str, sentence: str) -> None:
    reported.execute("truncate analytics.charges, analytics.companies")
    reported.execute("update raw.loads set rows_read = 6, rows_loaded = 4, rows_rejected = 2 where load_id = 2")
    reported.execute("delete from raw.raw_transactions; delete from raw.loads where load_id = 1")
    reported.execute("delete from analytics.stg_loads where load_id = 1; update analytics.stg_loads set rows_read = 6")
    reported.execute(statement)

    page = read(render())

    assert sentence in "".join(page.text)
    assert [tag for tag, _ in page.elements if tag == "script"] == []
    assert "0.00" in page.text


def test_charges_without_a_payment_say_so(reported: Warehouse) -> None:
    reported.execute("update analytics.charges set status = 'voided'")

    shown = "".join(read(render()).text)

    assert "No charge is paid or refunded, so there are no daily totals." in shown
    assert "14 companies" not in shown


def test_what_does_not_add_up_is_told_at_the_top(reported: Warehouse) -> None:
    reported.execute("delete from analytics.charges where id = 'hostile-1-0'")

    page = read(render())

    assert "Not accounted for" in "".join(page.text)
    assert ("p", {"class": "notice notice-bad", "role": "note"}) in page.elements


def test_amounts_that_no_javascript_number_holds_are_exact(reported: Warehouse) -> None:
    reported.execute("update analytics.charges set amount = 99999999999999.99 where status = 'paid'")

    data = read(render()).data("totals-data")

    ((total,),) = reported.query("select sum(total_amount * 100)::bigint from analytics.daily_transaction_summary")
    assert {type(cents) for cents in data["cents"]} == {int, str}
    assert sum(int(cents) for cents in data["cents"]) == total
