"""The figures are those of the marts, and of one moment."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from ingest.formats import COLUMNS
from report import figures as figures_module
from report.errors import ReadError
from report.figures import Figures, read_figures
from report.outliers import ceiling
from report.page import render_page
from report.snapshot import snapshot, sql
from report.wording import accounting, pending
from tests.dbt_project.warehouse import Warehouse


def read() -> Figures:
    with snapshot() as warehouse:
        return read_figures(warehouse)


def test_the_chart_adds_up_to_the_summary(reported: Warehouse) -> None:
    figures = read()

    summary = reported.query(
        "select transaction_date, company_id, total_amount, transaction_count from analytics.daily_transaction_summary"
    )
    assert len(summary) > 800
    shown = [company.company_id for company in figures.chart.companies]
    totals: Counter[object] = Counter()
    counts: Counter[object] = Counter()
    for day, company_id, total, count in summary:
        cell = day, company_id if company_id in shown else None
        totals[cell] += total
        counts[cell] += count
    assert {(one.period, one.company_id): one.total for one in figures.chart.periods} == totals
    assert {(one.period, one.company_id): one.transactions for one in figures.chart.periods} == counts
    assert figures.chart.step == "day"
    assert (len(shown), figures.chart.others) == (9, 5)
    assert (figures.summary.rows, figures.summary.transactions, figures.summary.total) == (
        len(summary),
        sum(count for *_, count in summary),
        sum(total for _, _, total, _ in summary),
    )
    assert figures.summary.days == sorted({day for day, *_ in summary})


def test_companies_statuses_and_newest_days_are_those_of_the_marts(reported: Warehouse) -> None:
    figures = read()

    assert [
        (one.company_id, one.company_name, one.charges, one.days, one.transactions, one.total)
        for one in figures.companies
    ] == reported.query(
        "select company_id, company_name, (select count(*) from analytics.charges"
        " where charges.company_id = companies.company_id), count(*), sum(transaction_count)::bigint,"
        " sum(total_amount) as total from analytics.companies"
        " join analytics.daily_transaction_summary using (company_id, company_name)"
        " group by company_id, company_name order by total desc"
    )
    assert figures.companies_in_all == 14
    assert {one.company_name for one in figures.companies if not one.has_unique_name} == {"Twin"}
    assert sorted((one.status, one.charges, one.amount) for one in figures.statuses) == sorted(
        reported.query("select status, count(*), sum(amount) from analytics.charges group by status")
    )
    assert [("sum", figures.amount)] == reported.query("select 'sum', sum(amount) from analytics.charges")
    assert [tuple(one) for one in figures.newest_days] == reported.query(
        "select transaction_date, company_name, company_id, total_amount, transaction_count"
        " from analytics.daily_transaction_summary limit 10"
    )


def test_every_row_is_accounted_for(reported: Warehouse) -> None:
    figures = read()

    rows = figures.reconciliation
    assert (rows.superseded, rows.rejected, rows.difference) == (1, 6, 0)
    assert rows.rows_read == rows.charges + 7
    assert accounting(figures).startswith("All rows are accounted for: 861 rows read = 854 charges + 6 rejected + 1 ")
    assert {one.reason: one.rows_rejected for one in figures.reasons} == {
        "missing_id": 2,
        "invalid_amount": 3,
        "unknown_status": 2,
        "invalid_created_at": 2,
        "invalid_paid_at": 2,
        "wrong_field_count": 1,
        "nul_byte": 1,
    }


def test_a_row_that_is_lost_is_told(reported: Warehouse) -> None:
    reported.execute("delete from analytics.charges where id = 'hostile-1-0'")

    figures = read()

    assert figures.reconciliation.difference == 1
    assert accounting(figures).startswith("1 row is not accounted for: 861 rows read, but 853 charges + ")


def test_loads_that_wait_or_were_replaced_are_told(reported: Warehouse) -> None:
    reported.load([("new", "Acme", "acme", "1", "paid", "2024-05-01", None)])
    assert pending(read()) == [
        "1 load with 1 row arrived after the last build and is not included in these figures. Run `dbt build`."
    ]

    reported.remove(1)
    figures = read()

    assert pending(figures)[1:] == [
        "1 load with 854 rows was replaced after the last build and is still included in these figures. "
        "Run `dbt build`."
    ]
    # The marts still agree with the loads that they are built from.
    assert figures.reconciliation.difference == 0
    assert [(load.load_id, load.is_built, load.is_in_raw) for load in figures.loads] == [
        (3, False, True),
        (2, True, True),
        (1, True, False),
    ]


def test_a_load_that_a_test_kept_out_of_the_marts_is_neither_judged_nor_counted(reported: Warehouse) -> None:
    before = read()
    # The staging models have read it; then reject_ratio failed, and the marts were skipped.
    load_id = reported.load([("new", "Acme", "acme", "bad", "paid", "2024-05-01", None)] * 20)
    reported.execute(
        "insert into analytics.stg_loads (load_id, source_name, format, is_translated, rows_read, rows_loaded,"
        " rows_rejected, arrived_at) select load_id, source_name, format, false, rows_read, rows_loaded,"
        f" rows_rejected, finished_at from raw.loads where load_id = {load_id}"
    )

    figures = read()

    assert accounting(figures) == accounting(before)
    assert figures.changes.newest_load == before.changes.newest_load
    assert [trend.later for trend in figures.changes.trends] == [trend.later for trend in before.changes.trends]
    (sentence,) = pending(figures)
    assert sentence.startswith("1 load with 20 rows is not published and not included in these figures: a build is ")
    assert "<td>not published</td>" in render_page(figures)

    # Removed, it is gone: the marts never had it.
    reported.remove(load_id)
    assert pending(read()) == []


def test_all_figures_are_of_one_moment(reported: Warehouse) -> None:
    with snapshot() as warehouse:
        before = warehouse.row(sql("overview.sql"), schema="analytics").rows_rejected
        reported.execute("delete from analytics.rejected_transactions")

        assert sum(load.rows_rejected for load in warehouse.rows(sql("loads.sql"))) == before == 6
    assert read().reconciliation.rejected == 0


def test_nothing_can_be_changed(reported: Warehouse) -> None:
    with snapshot() as warehouse, pytest.raises(ReadError, match="read-only transaction"):
        warehouse.rows("delete from analytics.charges returning id")


@pytest.mark.parametrize(("limit", "step"), [(59, "week"), (8, "month"), (2, "year")])
def test_more_days_than_fit_are_longer_steps(
    reported: Warehouse, monkeypatch: pytest.MonkeyPatch, limit: int, step: str
) -> None:
    monkeypatch.setattr(figures_module, "CHART_PERIODS", limit)

    chart = read().chart

    assert chart.step == step
    starts = reported.query(
        f"select distinct date_trunc('{step}', transaction_date::timestamp)::date"
        " from analytics.daily_transaction_summary"
    )
    assert {one.period for one in chart.periods} == {start for (start,) in starts}
    assert sum(one.total for one in chart.periods) == read().summary.total


def test_rejected_rows_are_the_newest_and_cut(reported: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    rejects = read().rejects
    assert [(one.load_id, one.row_number) for one in rejects] == [(2, 7), (2, 6), (2, 5), (2, 4), (2, 3), (2, 2)]
    assert [one.is_cut for one in rejects] == [False, False, True, False, False, False]
    assert [name for name, _ in rejects[2].fields] == list(COLUMNS)
    assert dict(rejects[2].fields)["amount"] == "9" * figures_module.REJECT_CHARACTERS
    for one in rejects:
        cut = ", ".join(f"left({name}, {figures_module.REJECT_CHARACTERS})" for name in COLUMNS)
        place = f"load_id = {one.load_id} and row_number = {one.row_number}"
        assert reported.query(f"select {cut} from analytics.rejected_transactions where {place}") == [
            tuple(value for _, value in one.fields)
        ]

    monkeypatch.setattr(figures_module, "LISTED_REJECTS", 1)
    listed = read().rejects
    assert len(listed) < len(rejects)
    # Each reason has a row that shows it.
    assert {reason for one in listed for reason in one.reasons.split(",")} == {one.reason for one in read().reasons}


def test_one_amount_does_not_flatten_all_others() -> None:
    usual = [Decimal(10), Decimal(12), Decimal(30)]
    assert ceiling(usual) == 30
    assert ceiling([*usual, Decimal(10) ** 11]) == 30
    assert ceiling([Decimal(0), Decimal(0), Decimal(7)]) == 7
    assert ceiling([Decimal(0)]) == 1


def test_freshness_is_that_of_the_last_load(reported: Warehouse) -> None:
    reported.execute("update raw.loads set finished_at = now() - load_id * interval '3 hours'")

    figures = read()

    assert figures.last_arrival is not None
    assert timedelta(hours=3) <= figures.taken_at - figures.last_arrival < timedelta(hours=3, minutes=1)
