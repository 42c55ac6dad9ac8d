"""What has changed is what other queries find, and no incomplete period is compared with a complete one."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from report import change_wording as wording
from report.changes import Changes
from report.comparisons import Kind, Span, spans_to_compare
from report.figures import Figures, read_figures
from report.page import render_page
from report.snapshot import snapshot
from report.terminal import render_text
from report.unusual import Usual, compare_with_usual
from tests.dbt_project.warehouse import Warehouse
from tests.report.conftest import IMAGE, SCRIPT

MINUS = wording.MINUS
NEWEST = date(2024, 3, 4)
COUNTED = "analytics.charges where status in ('paid', 'refunded')"


@pytest.fixture(autouse=True)
def no_chart_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the chart is drawn by takes seconds to write, and nothing here looks at it."""
    monkeypatch.setattr("report.page.chart_library", lambda: "")


def read() -> Figures:
    with snapshot() as warehouse:
        return read_figures(warehouse)


def changes() -> Changes:
    return read().changes


def arrive(reported: Warehouse, time: str) -> None:
    """Let the newest load have arrived at a time, in UTC."""
    reported.execute(f"update analytics.stg_loads set arrived_at = '{time}'")


def text(figures: Figures) -> str:
    return render_text(figures, width=None, colors=False)


def test_both_sides_have_as_many_days() -> None:
    day = date(2023, 12, 20)
    for newest in (day + timedelta(days=number) for number in range(800)):
        for kind, (later, earlier) in spans_to_compare(newest).items():
            assert later.days == earlier.days, (newest, kind)
            assert earlier.last < later.first
            assert later.last == newest or kind == Kind.MONTH


@pytest.mark.parametrize(
    ("newest", "later", "earlier"),
    [
        ("2024-03-04", ("2024-03-01", "2024-03-04"), ("2024-02-01", "2024-02-04")),
        ("2024-03-31", ("2024-03-01", "2024-03-29"), ("2024-02-01", "2024-02-29")),
        ("2023-03-30", ("2023-03-01", "2023-03-28"), ("2023-02-01", "2023-02-28")),
        ("2024-01-31", ("2024-01-01", "2024-01-31"), ("2023-12-01", "2023-12-31")),
        ("2024-02-29", ("2024-02-01", "2024-02-29"), ("2024-01-01", "2024-01-29")),
    ],
)
def test_a_month_is_compared_with_the_same_days(newest: str, later: tuple[str, str], earlier: tuple[str, str]) -> None:
    spans = spans_to_compare(date.fromisoformat(newest))[Kind.MONTH]

    assert [(str(span.first), str(span.last)) for span in spans] == [later, earlier]


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-20"])
def test_days_at_the_beginning_of_the_calendar_are_compared_with_none(reported: Warehouse, day: str) -> None:
    reported.execute(f"update analytics.charges set created_at = '{day}'")

    figures = read()

    assert figures.changes.newest == date.fromisoformat(day)
    assert figures.changes.not_compared == list(Kind)
    assert f"the first day with payments is {day}" in text(figures)
    assert day in render_page(figures)


def test_comparisons_add_up_the_charges(reported: Warehouse) -> None:
    found = changes()

    assert found.newest == NEWEST
    expected = {
        Kind.DAY: ("'2024-03-04'", "'2024-03-05'", "'2024-03-03'", "'2024-03-04'"),
        Kind.WEEKDAY: ("'2024-03-04'", "'2024-03-05'", "'2024-02-26'", "'2024-02-27'"),
        Kind.WEEK: ("'2024-02-27'", "'2024-03-05'", "'2024-02-20'", "'2024-02-27'"),
        Kind.MONTH: ("'2024-03-01'", "'2024-03-05'", "'2024-02-01'", "'2024-02-05'"),
    }
    assert [one.kind for one in found.comparisons] == list(expected)
    assert found.not_compared == []
    for one in found.comparisons:
        sides = expected[one.kind]
        for side, first, after in ((one.later, *sides[:2]), (one.earlier, *sides[2:])):
            assert [(side.total, side.transactions, side.days)] == reported.query(
                f"select sum(amount), count(*), count(distinct created_at::date) from {COUNTED}"
                f" and created_at >= {first} and created_at < {after}"
            )
    # Of the leap day there is no payment.
    week = found.comparisons[2]
    assert (week.later.days, week.earlier.days) == (6, 7)
    assert wording.compared_days(week) == (
        "2024-02-27 to 03-04 against 2024-02-20 to 02-26; payments on 6 against 7 days"
    )


def test_a_day_that_was_not_over_is_left_out(reported: Warehouse) -> None:
    arrive(reported, "2024-03-04 23:59:59")

    figures = read()

    assert (figures.changes.newest, list(figures.changes.left_out)) == (date(2024, 3, 3), [NEWEST])
    assert max(one.later.span.last for one in figures.changes.comparisons) == date(2024, 3, 3)
    assert wording.scope(figures)[1:] == ["Left out: 1 day with payments that was not over, Mon 2024-03-04."]

    arrive(reported, "2024-03-05 00:00:00")
    assert changes().newest == NEWEST


def test_a_day_in_the_future_is_left_out(reported: Warehouse) -> None:
    reported.execute("update analytics.charges set created_at = '2042-03-04' where id = 'hostile-0-59'")

    assert changes().newest == NEWEST
    assert changes().left_out == [date(2042, 3, 4)]


def test_what_would_begin_before_the_first_day_is_not_compared(reported: Warehouse) -> None:
    reported.execute("delete from analytics.charges where created_at < '2024-02-26'")

    figures = read()

    assert [one.kind for one in figures.changes.comparisons] == [Kind.DAY, Kind.WEEKDAY]
    assert figures.changes.chosen == Kind.WEEKDAY
    assert wording.scope(figures)[-1] == (
        "Not compared with the 7 days before and last month: the first day with payments is 2024-02-26."
    )
    reported.execute("delete from analytics.charges where created_at < '2024-02-27'")
    assert [one.kind for one in changes().comparisons] == [Kind.DAY]


def test_one_day_is_compared_with_nothing(reported: Warehouse) -> None:
    reported.execute("delete from analytics.charges where created_at::date <> '2024-03-04'")

    figures = read()

    assert figures.changes.comparisons == []
    assert figures.changes.chosen is None
    assert figures.changes.gaps is not None
    assert figures.changes.gaps.days == []
    for shown in (render_page(figures), text(figures)):
        assert "the 7 days before and last month: the first day with payments is" in shown


def test_days_that_are_all_not_over_are_compared_with_nothing(reported: Warehouse) -> None:
    arrive(reported, "2023-12-31 12:00:00")

    figures = read()

    assert figures.changes.newest is None
    for shown in (render_page(figures), text(figures)):
        assert "No day with payments was over when the last load arrived, so nothing is compared." in shown


def test_a_day_without_payments_before_is_no_percentage(reported: Warehouse) -> None:
    reported.execute("delete from analytics.charges where created_at::date = '2024-03-03'")

    figures = read()

    (day,) = [one for one in figures.changes.comparisons if one.kind == Kind.DAY]
    assert (day.earlier.total, day.earlier.days) == (Decimal(0), 0)
    assert "Mon 2024-03-04 against Sun 2024-03-03; payments on 1 against 0 days" in text(figures)


@pytest.mark.parametrize(
    ("later", "earlier", "said"),
    [
        ("110", "100", "+10.0 %"),
        ("95.55", "100", f"{MINUS}4.5 %"),
        ("100", "100", "0.0 %"),
        ("5", "0", "from 0"),
        ("0", "0", "0 %"),
        ("0", "5", f"{MINUS}100.0 %"),
        ("0.01", "98765435775.44", f"{MINUS}99.9 %"),
        ("98765435775.44", "5000", "19,753,087 times"),
    ],
)
def test_changes_in_words(later: str, earlier: str, said: str) -> None:
    assert wording.relative_change(Decimal(later), Decimal(earlier)) == said


def test_movers_are_those_whose_charges_changed_most(reported: Warehouse) -> None:
    reported.execute(
        "update analytics.charges set amount = amount * 3 where company_id like 'small-_' and created_at > '2024-02-28'"
    )
    reported.execute(
        "delete from analytics.charges where company_id = 'twin-1' and created_at between '2024-02-01' and '2024-02-28'"
    )

    found = changes()

    for one in found.comparisons:
        sides = [
            f"(select company_id, sum(amount) as total from {COUNTED} and created_at >= '{side.span.first}'"
            f" and created_at < date '{side.span.last}' + 1 group by company_id)"
            for side in (one.later, one.earlier)
        ]
        expected = reported.query(
            "select company_name || case when company_name = 'Twin' then ' (' || company_id || ')' else '' end,"
            " coalesce(later.total, 0), coalesce(earlier.total, 0)"
            f" from {sides[0]} as later full join {sides[1]} as earlier using (company_id)"
            " join analytics.companies using (company_id) order by company_id"
        )
        # Where two changes are equal, the smaller id comes first.
        changed = sorted(expected, key=lambda row: row[2] - row[1])
        risers = [row for row in changed if row[1] > row[2]][:3]
        fallers = [row for row in sorted(expected, key=lambda row: row[1] - row[2]) if row[1] < row[2]][:3]
        movers = found.movers[one.kind]
        assert [(mover.company, mover.later, mover.earlier) for mover in movers.risers] == risers, one.kind
        assert [(mover.company, mover.later, mover.earlier) for mover in movers.fallers] == fallers, one.kind
    assert all(found.movers[kind].risers and found.movers[kind].fallers for kind in (Kind.WEEK, Kind.WEEKDAY))
    assert found.movers[Kind.WEEKDAY].risers[0].earlier > 0


def test_gaps_are_the_days_without_charges(reported: Warehouse) -> None:
    reported.execute(
        "delete from analytics.charges where created_at::date in ('2024-02-10', '2024-02-11', '2024-01-05')"
    )

    gaps = changes().gaps

    assert gaps is not None
    assert gaps.span == Span(date(2024, 2, 6), NEWEST)
    assert [(day,) for day in gaps.days] == reported.query(
        "select day::date from generate_series(timestamp '2024-02-06', '2024-03-04', '1 day') as day"
        f" where not exists (select from {COUNTED} and date_trunc('day', created_at) = day) order by day"
    )
    assert wording.gaps(gaps) == [
        "No payments on 3 of the 28 days from 2024-02-06 to 03-04: Sat 2024-02-10, Sun 2024-02-11 and Thu 2024-02-29.",
        "None since 2024-03-04, for 3 days up to 2024-03-07.",
    ]


def test_companies_that_lack_payments_are_those_that_usually_have_some(reported: Warehouse) -> None:
    in_window = "created_at >= '2024-02-06'"
    # Regular, and without payments lately; regular, and without some before; and one that is not regular.
    reported.execute(
        "delete from analytics.charges where company_id = 'twin-2' and created_at::date in ('2024-03-02', '2024-03-04')"
    )
    reported.execute("delete from analytics.charges where company_id = 'small-1' and created_at::date = '2024-02-20'")
    reported.execute(
        f"delete from analytics.charges where company_id = 'small-2' and {in_window}"
        " and extract(day from created_at) % 2 = 0"
    )

    figures = read()

    gaps = figures.changes.gaps
    assert gaps is not None
    days = reported.query(f"select distinct created_at::date from {COUNTED} and {in_window}")
    expected = []
    for company_id, name in reported.query("select company_id, company_name from analytics.companies order by 1"):
        had = reported.query(
            f"select distinct created_at::date from {COUNTED} and {in_window} and company_id = '{company_id}'"
        )
        lacked = sorted(day for (day,) in set(days) - set(had) if day >= date(2024, 2, 27))
        if 4 * len(had) >= 3 * len(days) and lacked:
            expected.append((f"{name} ({company_id})", lacked, len(had)))
    assert [(one.company, one.days_without, one.days) for one in gaps.companies] == expected
    assert [one[0] for one in expected] == ["Twin (twin-2)"]
    assert wording.company_gaps(gaps) == ["1 company that has payments on most days was without on some of the last 7:"]
    for shown in (render_page(figures).replace('<span class="time">', "").replace("</span>", ""), text(figures)):
        assert "Sat 2024-03-02 and Mon 2024-03-04" in shown


def test_shares_are_those_of_the_paid_charges(reported: Warehouse) -> None:
    reported.execute("update analytics.charges set status = 'charged_back' where id like '%-50' or id like 'twin-1-2_'")
    reported.execute("update analytics.charges set status = 'partially_refunded' where id like '%-45'")
    reported.execute("update analytics.charges set status = 'refunded' where id like 'small-1-4_'")
    reported.execute("update analytics.charges set status = 'expired' where id like 'small-2-5_'")

    trends: Mapping[str, Any] = {trend.name: trend for trend in changes().trends}

    def ratio(statuses: str, first: str, last: str) -> list[tuple[Any, ...]]:
        return reported.query(
            f"select count(*) filter (where status in ({statuses})), count(*) from analytics.charges"
            " where status in ('paid', 'refunded', 'charged_back', 'partially_refunded')"
            f" and created_at::date between '{first}' and '{last}'"
        )

    for name, statuses in (("refunded", "'refunded', 'partially_refunded'"), ("charged_back", "'charged_back'")):
        trend = trends[name]
        assert [(trend.later.part, trend.later.whole)] == ratio(statuses, "2024-02-06", "2024-03-04")
        assert [(trend.earlier.part, trend.earlier.whole)] == ratio(statuses, "2024-01-09", "2024-02-05")
        assert trend.later.part > 0
        weeks = [NEWEST - timedelta(weeks=week) for week in reversed(range(9))]
        assert [(one.part, one.whole) for one in trend.parts] == [
            row for week in weeks for row in ratio(statuses, str(week - timedelta(days=6)), str(week))
        ]
    rejected = trends["rejected"]
    assert [(one.part, one.whole) for one in rejected.parts] == reported.query(
        "select (select count(*) from analytics.rejected_transactions as r where r.load_id = l.load_id), rows_read"
        " from raw.loads as l order by load_id"
    )


def loads(reported: Warehouse, rows: list[int], *, amount: str = "10.00", form: str = "standard") -> None:
    """Add built loads with so many rows of that amount each."""
    for number in rows:
        reported.execute(
            "insert into raw.loads (source_name, sha256, bytes, encoding, line_terminator, has_header, rows_read,"
            " rows_loaded, rows_rejected, blank_records, started_at, finished_at, format)"
            f" values ('daily.csv', encode(sha256(random()::text::bytea), 'hex'), 0, 'utf-8', '', true,"
            f" {number}, {number}, 0, 0, '2024-03-08 01:00Z', '2024-03-08 01:00Z', '{form}');"
            "insert into analytics.stg_loads select load_id, source_name, format, false, rows_read, rows_loaded,"
            " rows_rejected, finished_at at time zone 'utc' from raw.loads order by load_id desc limit 1;"
            "insert into analytics.stg_transactions (load_id, row_number, amount, status, is_settled)"
            f" select max(load_id), row_number, {amount},"
            " case when row_number % 10 = 0 then 'voided' else 'paid' end, true"
            f" from raw.loads, generate_series(1, {number}) as row_number group by row_number;"
            # The marts have the load; the report counts what they say of it elsewhere.
            "insert into analytics.charges (id, company_id, amount, status, created_at, source_id, load_id, row_number,"
            " changed_at) select 'load ' || max(load_id), 'small-0', 10, 'voided', '2024-03-01', 'load', max(load_id),"
            " 1, now() from raw.loads"
        )


def test_a_usual_load_is_as_usual(reported: Warehouse) -> None:
    loads(reported, [100, 104, 98, 101, 103, 102])

    figures = read()

    newest = figures.changes.newest_load
    assert newest is not None
    assert (newest.load_id, newest.loads_before, newest.is_unusual) == (8, 7, False)
    assert newest.rows is not None
    assert newest.amount is not None
    assert newest.rejected is not None
    assert (newest.rows.value, newest.amount.value) == (Decimal(102), Decimal(920))
    before = reported.query("select min(rows_read), max(rows_read) from raw.loads where load_id between 3 and 7")
    assert [(newest.rows.low, newest.rows.high)] == before
    amounts = reported.query(
        "select min(total), max(total) from (select sum(amount) as total from analytics.stg_transactions"
        " where status = 'paid' and load_id between 3 and 7 group by load_id) as totals"
    )
    assert [(newest.amount.low, newest.amount.high)] == amounts
    # The two loads of the fixture, of 854 and 7 rows, are not what is usual.
    sentence = "102 rows; 5 of the last 7 files had 98 to 104."
    assert wording.newest_load_values(newest)[0] == (sentence, False)
    for shown in (render_page(figures), text(figures)):
        assert sentence in shown
        assert "Load 8 is as usual." in shown


@pytest.mark.parametrize(
    ("rows", "amount", "rejected", "sentence"),
    [
        (150, "10.00", 0, "150 rows; 6 of the last 8 files had 98 to 104."),
        (102, "99.00", 0, "9,108.00 paid and refunded; 6 of the last 8 files had 890.00 to 940.00."),
        (102, "10.00", 5, "4.90 % of the rows rejected; 7 of the last 8 files had 0.00 %."),
    ],
)
def test_an_unusual_load_is_told(reported: Warehouse, rows: int, amount: str, rejected: int, sentence: str) -> None:
    loads(reported, [100, 104, 98, 101, 103, 100])
    loads(reported, [rows], amount=amount)
    reported.execute(
        "insert into analytics.rejected_transactions (load_id, row_number, source_name, reasons)"
        f" select 9, number, 'daily.csv', 'missing_id' from generate_series(1, {rejected}) as number"
    )

    figures = read()

    newest = figures.changes.newest_load
    assert newest is not None
    assert newest.is_unusual
    values = wording.newest_load_values(newest)
    assert [said for said, is_unusual in values if is_unusual and said.startswith(sentence.split(";")[0])] == [sentence]
    page = render_page(figures)
    assert f'<p class="unusual">{sentence}</p>' in page
    assert f"Unusual: {sentence}" in text(figures)


def test_few_loads_are_not_judged_and_other_formats_do_not_count(reported: Warehouse) -> None:
    loads(reported, [100] * 10, form="stripe_payments")
    loads(reported, [100, 100])

    figures = read()

    newest = figures.changes.newest_load
    assert newest is not None
    assert (newest.loads_before, newest.rows, newest.is_unusual) == (3, None, False)
    said = "Load 14 cannot be judged: that takes 5 earlier loads of the format standard, and there are 3."
    for shown in (render_page(figures), text(figures)):
        assert said in shown


def test_a_load_is_unusual_by_median_and_spread() -> None:
    before = [Decimal(9_800 + 30 * number) for number in range(21)][:20]

    unusual = compare_with_usual(Decimal(12_000), before)
    assert unusual == Usual(Decimal(12_000), Decimal(9_800), Decimal(10_370), usual=20, loads=20, is_unusual=True)
    assert not compare_with_usual(Decimal(10_500), before).is_unusual
    # One file of another kind neither widens what is usual nor is said to be.
    odd = compare_with_usual(Decimal(12_000), [*before[:-1], Decimal(10) ** 6])
    assert odd == Usual(Decimal(12_000), Decimal(9_800), Decimal(10_340), usual=19, loads=20, is_unusual=True)
    # Where all were the same, a tenth more is nothing unusual.
    same = [Decimal(10_000)] * 5
    assert not compare_with_usual(Decimal(11_000), same).is_unusual
    assert compare_with_usual(Decimal(11_001), same).is_unusual
    assert compare_with_usual(Decimal(8_999), same).is_unusual
    # Files that differ widely make a wide range.
    assert not compare_with_usual(Decimal(900), [Decimal(number) for number in (1, 200, 500, 700, 1_000)]).is_unusual


def test_page_and_text_say_the_same(reported: Warehouse) -> None:
    reported.execute("update analytics.charges set amount = 99999999999.99 where id = 'small-3-58'")

    figures = read()

    page, lines = render_page(figures), text(figures)
    page = page.replace('<span class="time">', "").replace("</span>", "")
    assert len(figures.changes.comparisons) == 4
    for one in figures.changes.comparisons:
        for said in (
            wording.compared_days(one),
            f"{one.later.total:,.2f}",
            wording.relative_change(one.later.total, one.earlier.total),
            wording.relative_change(one.later.transactions, one.earlier.transactions),
        ):
            assert said in page
            assert said in lines
    for sentence in (
        *wording.scope(figures),
        wording.outliers(figures),
        *(wording.trend_now(trend) for trend in figures.changes.trends),
        wording.trend_scope(figures.changes.trends),
    ):
        assert sentence is not None
        assert sentence in page
        assert sentence in lines
    assert f"{wording.FAR_OUT} 1,0" not in page
    assert f"{wording.FAR_OUT} 100,0" in page
    assert "Small 3" in lines.split("No payments on")[0]
    # The names that rose and fell are text on the page and harmless on the terminal.
    assert IMAGE not in page
    assert SCRIPT not in page


def test_a_number_that_is_far_out_is_marked_in_the_text(reported: Warehouse) -> None:
    assert wording.FAR_OUT not in text(read())

    reported.execute("update analytics.charges set amount = 99999999999.99 where id = 'hostile-0-59'")

    figures = read()
    shown = text(figures)
    ((day_total, company_total, whole),) = reported.query(
        "select to_char(sum(amount) filter (where created_at::date = '2024-03-04'), 'FM999,999,999,999,990.00'),"
        " to_char(sum(amount) filter (where company_id = 'hostile-0'), 'FM999,999,999,999,990.00'),"
        f" to_char(sum(amount), 'FM999,999,999,999,990.00') from {COUNTED}"
    )
    assert f"▲ Far above the other days: 2024-03-04 ({day_total})." in shown
    assert shown.count(f"▲ {company_total}  ") == 1
    assert shown.count(f"▲ {whole}\n") == 1
    # Of the newest rows, and as the last bar of the company's line.
    assert shown.count("▲ 99,999,999,999.99  ") == 1
    assert shown.count("▲\n") == 1
    assert [line.count("▲ ") for line in shown.splitlines() if "2024-03-04 against" in line] == [1, 1]
