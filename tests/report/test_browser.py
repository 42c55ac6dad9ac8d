"""The page in a real browser: nothing leaves it, everything on it can be chosen, read and reached by the keyboard."""

import csv
import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal

import pytest

from report import figures as figures_module
from report.figures import read_figures
from report.page import render_page
from report.snapshot import snapshot
from tests.browser import DESKTOP, PHONE, Tab, TabFactory
from tests.dbt_project.warehouse import Warehouse
from tests.report.conftest import DAYS, HOSTILE_NAMES, SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(open_tab: TabFactory, page: Path) -> Tab:
    tab = open_tab(page.as_uri())
    tab.page.set_default_timeout(10_000)
    drawn(tab.page)
    return tab


def drawn(page: "Page") -> None:
    """Wait for the chart."""
    page.locator("#plot canvas").wait_for()


def rows(page: "Page") -> list[list[str]]:
    """The table behind the chart."""
    cells: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('#totals tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    return cells


def total(page: "Page") -> Decimal:
    """The sum that stands above the table."""
    return money(page.locator("#totals-sum").inner_text().split()[0])


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def picture(page: "Page") -> bytes:
    """What the chart looks like, without the pointer's mark."""
    page.wait_for_timeout(200)
    return page.locator("#plot").screenshot()


def in_all(warehouse: Warehouse, condition: str) -> Decimal:
    warehouse = Warehouse(warehouse.conninfo)
    ((amount,),) = warehouse.query(
        f"select coalesce(sum(total_amount), 0) from analytics.daily_transaction_summary where {condition}"
    )
    warehouse.connection.close()
    return Decimal(amount)


def test_the_table_holds_the_summary(tab: Tab, report_template: Warehouse) -> None:
    assert total(tab.page) == in_all(report_template, "true")
    assert [row[0] for row in rows(tab.page)[:11]] == ["2024-03-04"] * 10 + ["2024-03-03"]
    while tab.page.locator("#more").is_visible():
        tab.page.locator("#more").click()
    table = rows(tab.page)
    assert len(table) == DAYS * 10
    assert sum(money(row[3]) for row in table) == in_all(report_template, "true")


def test_hostile_names_are_read_and_not_run(tab: Tab) -> None:
    assert tab.page.title().startswith("Daily report, ")
    names = tab.page.locator("#company-list bdi").all_text_contents()
    assert names[: len(HOSTILE_NAMES)] == list(HOSTILE_NAMES)
    assert names[len(HOSTILE_NAMES) :] == ["Twin (twin-1)", "Twin (twin-2)", "5 others"]
    assert tab.page.locator("#totals tbody tr", has_text="</script>").count() > 0


def test_the_table_is_sorted_by_what_is_clicked(tab: Tab) -> None:
    page = tab.page
    page.get_by_role("button", name="Total").click()
    amounts = [money(row[3]) for row in rows(page)]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] > amounts[-1]
    assert page.locator("th[aria-sort]").all_inner_texts() == ["Total"]

    page.get_by_role("button", name="Total").click()
    amounts = [money(row[3]) for row in rows(page)]
    assert amounts == sorted(amounts)
    assert page.locator("th[aria-sort=ascending]").count() == 1

    page.get_by_role("button", name="Day", exact=True).first.click()
    page.locator("#totals").get_by_role("button", name="Day").click()
    assert rows(page)[0][0] in {"2024-01-01", "2024-03-04"}


def test_choosing_companies_changes_the_chart_and_the_table(tab: Tab, report_template: Warehouse) -> None:
    page = tab.page
    before = picture(page)

    page.get_by_role("checkbox", name=SCRIPT).uncheck()

    assert total(page) == in_all(report_template, "company_id <> 'hostile-0'")
    assert [row for row in rows(page) if SCRIPT in row[1]] == []
    assert picture(page) != before

    page.get_by_role("button", name="None").click()
    assert rows(page) == [["No company took anything in the chosen dates."]]
    assert page.locator("#totals-sum").inner_text() == "0.00 in 0 transactions"

    page.locator("#every").click()
    assert total(page) == in_all(report_template, "true")
    assert picture(page) == before


def test_choosing_dates_changes_the_chart_and_the_table(tab: Tab, report_template: Warehouse) -> None:
    page = tab.page
    before = picture(page)

    page.get_by_label("From", exact=True).fill("2024-01-10")
    page.get_by_label("To", exact=True).fill("2024-01-12")
    page.get_by_label("To", exact=True).press("Tab")

    assert {row[0] for row in rows(page)} == {"2024-01-10", "2024-01-11", "2024-01-12"}
    assert total(page) == in_all(report_template, "transaction_date between '2024-01-10' and '2024-01-12'")
    assert picture(page) != before

    page.get_by_label("From", exact=True).fill("2024-02-01")
    page.get_by_label("From", exact=True).press("Tab")
    assert {row[0] for row in rows(page)} == {"2024-01-10", "2024-01-11", "2024-01-12"}, "from is after to"

    page.get_by_role("button", name="30 days").click()
    assert total(page) == in_all(report_template, "transaction_date > date '2024-03-04' - 30")


def test_dragging_across_the_chart_chooses_dates(tab: Tab) -> None:
    page = tab.page
    page.locator("#chart").scroll_into_view_if_needed()
    box = page.locator("#chart").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=5)
    assert page.locator("#brush").is_visible()
    page.mouse.up()

    first, last = page.get_by_label("From", exact=True).input_value(), page.get_by_label("To", exact=True).input_value()
    assert "2024-01-01" < first < last < "2024-03-04"
    assert [row[0] for row in rows(page) if not first <= row[0] <= last] == []
    assert page.locator("#brush").is_hidden()

    page.locator("#spans").get_by_role("button", name="All").click()
    assert page.get_by_label("From", exact=True).input_value() == "2024-01-01"


def test_pointing_at_a_bar_tells_what_it_is(tab: Tab, report_template: Warehouse) -> None:
    page = tab.page
    page.locator("#chart").scroll_into_view_if_needed()
    box = page.locator("#chart").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)

    tip = page.locator("#tip")
    day = tip.locator(".tip-head span").inner_text()
    assert re.fullmatch(r"2024-0[12]-\d\d", day)
    assert money(tip.locator(".tip-head strong").inner_text()) == in_all(report_template, f"transaction_date = '{day}'")
    assert tip.locator("dt").count() == 10

    page.mouse.move(box["x"] + box["width"] - 15, box["y"] + box["height"] / 2)
    assert tip.locator(".tip-head span").inner_text() == "2024-03-04"

    page.mouse.move(box["x"], box["y"] - 20)
    assert tip.is_hidden()


def test_sums_by_week_and_month(tab: Tab, report_template: Warehouse) -> None:
    page = tab.page
    steps = page.locator("#steps")
    assert steps.locator("[aria-pressed=true]").inner_text() == "Day"

    steps.get_by_role("button", name="Week").click()
    assert page.locator("#period-name").inner_text() == "Week from"
    assert {row[0] for row in rows(page)} == {
        "2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22", "2024-01-29",
        "2024-02-05", "2024-02-12", "2024-02-19", "2024-02-26", "2024-03-04",
    }  # fmt: skip

    steps.get_by_role("button", name="Month").click()
    assert [row[0] for row in rows(page)] == ["2024-03"] * 10 + ["2024-02"] * 10 + ["2024-01"] * 10
    assert sum(money(row[3]) for row in rows(page)[:10]) == in_all(report_template, "transaction_date >= '2024-03-01'")


def test_all_of_it_can_be_reached_by_the_keyboard(tab: Tab) -> None:
    page = tab.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the daily totals"

    page.locator("#chart").focus()
    page.keyboard.press("End")
    assert page.locator("#tip .tip-head span").inner_text() == "2024-03-04"
    page.keyboard.press("ArrowLeft")
    assert page.locator("#tip .tip-head span").inner_text() == "2024-03-03"
    assert page.locator("#said").inner_text().startswith("2024-03-03: ")
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "every"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert not page.locator("#company-list input").first.is_checked()

    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.evaluate("one => one.open")


def test_comparisons_choose_whose_companies_are_listed(tab: Tab) -> None:
    page = tab.page
    movers = page.locator(".movers > div")

    def shown() -> list[str]:
        return [one.get_attribute("class") or "" for one in movers.all() if one.is_visible()]

    assert shown() == ["movers-week"]
    place = page.locator("#days").bounding_box()
    page.locator("#compare-week").focus()
    page.keyboard.press("ArrowDown")
    assert shown() == ["movers-month"]
    page.get_by_text("Newest day and the day before").click()
    assert shown() == ["movers-day"]
    # Whatever is chosen, what follows stays where it is.
    assert page.locator("#days").bounding_box() == place


def test_what_changed_is_one_screen(tab: Tab) -> None:
    box = tab.page.locator("#changes").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= DESKTOP[1]


def test_a_row_gives_the_query_of_its_charges(tab: Tab, report_template: Warehouse) -> None:
    page = tab.page
    warehouse = Warehouse(report_template.conninfo)

    def queried() -> tuple[Decimal, int]:
        query = page.locator("#query").inner_text()
        ((amount, count),) = warehouse.query(f"select coalesce(sum(amount), 0), count(*) from ({query}) as charges")
        return Decimal(amount), count

    def shown(row: int) -> tuple[Decimal, int]:
        cells = rows(page)[row]
        return money(cells[3]), int(cells[2].replace(",", ""))

    def in_table() -> tuple[Decimal, int]:
        amount, _, count, _ = page.locator("#totals-sum").inner_text().split()
        return money(amount), int(count.replace(",", ""))

    assert queried() == in_table()
    # A row of each company, and the one of all others.
    for step in ("Day", "Week", "Month", "Year"):
        page.locator("#steps").get_by_role("button", name=step).click()
        page.get_by_label("From", exact=True).fill("2024-01-10")
        page.get_by_label("From", exact=True).press("Tab")
        for row in range(10):
            page.locator(".row-charges").nth(row).click()
            assert queried() == shown(row), (step, row)
        assert page.locator("[aria-pressed=true].row-charges").count() == 1
        page.locator(".row-charges").nth(9).click()
        assert page.locator("[aria-pressed=true].row-charges").count() == 0
        assert queried() == in_table()
    page.get_by_role("checkbox", name=SCRIPT).uncheck()
    assert queried() == in_table()
    page.get_by_role("checkbox", name="5 others").uncheck()
    assert queried() == in_table()
    page.get_by_role("button", name="None").click()
    assert page.locator("#query").inner_text() == "\N{EN DASH}"
    assert page.locator("#copy").is_disabled()
    assert page.locator("#save").is_disabled()
    warehouse.connection.close()


def test_longer_steps_of_the_data_give_queries_too(
    open_tab: TabFactory, report_template: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host, database = (part.partition("=")[2] for part in report_template.conninfo.split())
    monkeypatch.setenv("PGHOST", host)
    monkeypatch.setenv("PGDATABASE", database)
    monkeypatch.setattr(figures_module, "CHART_PERIODS", 20)
    with snapshot() as warehouse:
        page_of_weeks = render_page(read_figures(warehouse))
    path = tmp_path / "weeks.html"
    path.write_text(page_of_weeks, encoding="utf-8")
    page = open_tab(path.as_uri()).page
    drawn(page)
    page.locator("#steps").get_by_role("button", name="Month").click()
    connection = Warehouse(report_template.conninfo)
    # Weeks that begin in one month and end in the next are the former's.
    assert {row[0] for row in rows(page)} == {"2024-01", "2024-02", "2024-03"}
    for row, cells in enumerate(rows(page)):
        page.locator(".row-charges").nth(row).click()
        query = page.locator("#query").inner_text()
        assert connection.query(f"select sum(amount) from ({query}) as charges") == [(money(cells[3]),)], query
    connection.connection.close()


def test_the_query_is_copied(tab: Tab) -> None:
    page = tab.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".row-charges").first.click()

    page.locator("#copy").click()

    assert page.locator("#copy").inner_text() == "Copied"
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#query").inner_text()


def test_rows_are_one_stop_of_the_tab_key(tab: Tab) -> None:
    page = tab.page
    page.locator(".row-charges").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("[aria-pressed=true].row-charges").count() == 1
    assert page.locator(".row-charges").nth(2).get_attribute("aria-pressed") == "true"
    assert "select * from analytics.daily_transactions where" in page.locator("#said").inner_text()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "more"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement === document.querySelector('.row-charges')")


def test_all_rows_are_saved_as_csv(tab: Tab, report_template: Warehouse) -> None:
    page = tab.page
    page.get_by_label("From", exact=True).fill("2024-01-02")
    page.get_by_label("From", exact=True).press("Tab")

    with page.expect_download() as saving:
        page.locator("#save").click()

    assert saving.value.suggested_filename == "daily-totals-2024-01-02-to-2024-03-04.csv"
    content = Path(saving.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbfperiod,company_name,company_id,transaction_count,total_amount\r\n")
    with io.StringIO(content.decode("utf-8-sig"), newline="") as lines:
        table = list(csv.DictReader(lines))
    assert len(table) == (DAYS - 1) * 10 > 200
    assert [table[place]["period"] for place in (0, -1)] == ["2024-03-04", "2024-01-02"]
    assert sum(Decimal(row["total_amount"]) for row in table) == in_all(
        report_template, "transaction_date >= '2024-01-02'"
    )
    names = {row["company_id"]: row["company_name"] for row in table}
    assert names == {
        **{f"hostile-{place}": name for place, name in enumerate(HOSTILE_NAMES)},
        "twin-1": "Twin",
        "twin-2": "Twin",
        "": "5 others",
    }


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", "' =1"),
        ("\t=1", '"\'\t=1"'),
        ("\uff1d1+1", "'\uff1d1+1"),
        ('=HYPERLINK("https://example.com","x")', '"\'=HYPERLINK(""https://example.com"",""x"")"'),
        ('A "quoted", name', '"A ""quoted"", name"'),
        ("a;b", '"a;b"'),
        ("Caf\u00e9 1-2=3", "Caf\u00e9 1-2=3"),
    ],
)
def test_no_cell_of_the_csv_is_a_formula(
    open_tab: TabFactory, page: Path, tmp_path: Path, name: str, cell: str
) -> None:
    path = tmp_path / "page.html"
    named = json.dumps(name).replace("=", "\\u003d")
    path.write_text(page.read_text(encoding="utf-8").replace('"name": "Twin"', f'"name": {named}', 1), encoding="utf-8")
    tab = open_tab(path.as_uri())

    with tab.page.expect_download() as saving:
        tab.page.locator("#save").click()

    content = Path(saving.value.path()).read_text(encoding="utf-8-sig")
    assert f"2024-03-04,{cell},twin-1,1," in content.replace("\r\n", "\n")


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_on_paper_it_is_two_pages(
    open_tab: TabFactory,
    page: Path,
    report_template: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    paper: str,
) -> None:
    host, database = (part.partition("=")[2] for part in report_template.conninfo.split())
    monkeypatch.setenv("PGHOST", host)
    monkeypatch.setenv("PGDATABASE", database)
    with snapshot() as warehouse:
        figures = read_figures(warehouse)
    run = SimpleNamespace(
        started_at=figures.taken_at,
        outcome="failed",
        seconds=1.0,
        rows_read=1,
        rows_rejected=0,
        tests_failed=1,
        problems=[{"kind": "load_failed", "subject": "payments.csv"}],
    )
    # As much as a page shows at all.
    crowded = replace(
        figures,
        companies=(list(figures.companies) * 4)[:50],
        companies_in_all=1_000_000,
        statuses=(list(figures.statuses) * 3)[:8],
        loads=list(figures.loads) * 20,
        reasons=(list(figures.reasons) * 2)[:13],
        rejects=list(figures.rejects) * 20,
        runs=[run] * 10,
        reconciliation=replace(figures.reconciliation, waiting=figures.loads, replaced=figures.loads),
    )
    path = tmp_path / "crowded.html"
    path.write_text(render_page(crowded), encoding="utf-8")
    for address in (page.as_uri(), path.as_uri()):
        tab = open_tab(address, colors="dark")
        drawn(tab.page)

        printed = tab.page.pdf(format=paper)

        # Each page of a PDF is an object of that type; Chromium does not compress these.
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
        assert not tab.page.locator("html.on-paper").count()


def test_paper_is_white_and_has_the_first_rows_alone(open_tab: TabFactory, page: Path) -> None:
    tab = open_tab(page.as_uri(), colors="dark")
    drawn(tab.page)
    before = picture(tab.page)
    tab.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.page.emulate_media(media="print", color_scheme="dark")

    assert (
        tab.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--card').trim()") == "#ffffff"
    )
    assert tab.page.locator("#totals tbody tr:visible").count() == 10
    assert tab.page.get_by_text("on paper, the first 10 rows").is_visible()
    for hidden in ("nav", "#controls", "#query", "#copy", ".rejects"):
        assert not tab.page.locator(hidden).first.is_visible()
    assert tab.page.locator("#plot canvas").is_visible()
    # What is drawn and written on it is as dark as it is on a white screen.
    for name, color in (("--card", "#ffffff"), ("--muted", "#59636f")):
        style = f"getComputedStyle(document.documentElement).getPropertyValue('{name}').trim()"
        assert tab.page.evaluate(style) == color

    tab.page.emulate_media(media="screen", color_scheme="dark")
    tab.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.page.get_by_text("on paper, the first 10 rows").is_hidden()
    assert picture(tab.page) == before


def test_a_reason_leads_to_its_rows(tab: Tab) -> None:
    link = tab.page.get_by_role("link", name="load 2, row 5")
    assert link.count() == 1
    link.click()
    assert tab.page.locator("#row-2-5").is_visible()


@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE, (320, 568)])
def test_no_width_needs_scrolling_sideways(
    open_tab: TabFactory, page: Path, size: tuple[int, int], colors: Literal["light", "dark"]
) -> None:
    tab = open_tab(page.as_uri(), size=size, colors=colors)
    drawn(tab.page)

    assert not tab.is_wider_than_its_window
    for details in tab.page.locator("summary").all():
        details.click()
    assert not tab.is_wider_than_its_window


def test_nothing_moves_while_the_page_opens(open_tab: TabFactory, page: Path) -> None:
    tab = open_tab(page.as_uri())
    drawn(tab.page)

    shift = tab.page.evaluate(
        """new Promise((resolve) => {
            let sum = 0;
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) sum += entry.value;
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => resolve(sum), 300);
        })"""
    )
    assert shift < 0.02


def test_colors_follow_the_system_also_later(tab: Tab) -> None:
    light = picture(tab.page)
    tab.page.emulate_media(color_scheme="dark")
    assert picture(tab.page) != light
    tab.page.emulate_media(color_scheme="light")
    assert picture(tab.page) == light


def test_text_can_be_told_from_its_background(tab: Tab) -> None:
    for colors in ("light", "dark"):
        tab.page.emulate_media(color_scheme=colors)
        assert [pair for pair in contrasts(tab.page) if pair[2] < 4.5] == []


def contrasts(page: "Page") -> list[tuple[str, str, float]]:
    """For each pair of text and background of the design how far they are apart, as WCAG 2 counts it."""
    pairs = [
        *(
            (text, back)
            for text in ("--ink", "--muted", "--accent", "--bad", "--good")
            for back in ("--paper", "--card")
        ),
        ("--ink", "--notice"),
        ("--ink", "--soft"),
    ]
    colors = page.evaluate(
        """(names) => Object.fromEntries(names.map((name) =>
            [name, getComputedStyle(document.documentElement).getPropertyValue(name).trim()]))""",
        sorted({name for pair in pairs for name in pair}),
    )

    def luminance(name: str) -> float:
        channels = [int(colors[name][start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    found = []
    for text, back in pairs:
        dark, light = sorted((luminance(text), luminance(back)))
        found.append((text, back, (light + 0.05) / (dark + 0.05)))
    return found


def test_it_sets_no_cookies_and_asks_for_nothing(tab: Tab) -> None:
    assert tab.page.context.cookies() == []
    assert [url for url in tab.requests if not url.startswith("data:")] == [tab.page.url]
