"""The views on days and loads say what the charges and rows say that they are made of."""

from decimal import Decimal

from tests.dbt_project.warehouse import TABLES, Dbt, Warehouse


def test_the_charges_of_each_day_add_up_to_its_summary(built: Warehouse) -> None:
    summary = built.query(
        "select transaction_date, company_id, total_amount, transaction_count"
        " from analytics.daily_transaction_summary order by 1, 2"
    )
    assert summary
    assert summary == built.query(
        "select transaction_date, company_id, sum(amount), count(*) from analytics.daily_transactions"
        " group by 1, 2 order by 1, 2"
    )


def test_what_became_of_charges_is_counted_by_day(built: Warehouse) -> None:
    built.execute(
        "update analytics.charges set status = 'charged_back' where id in (select max(id) from analytics.charges)"
    )

    outcomes = built.query(
        "select transaction_date, charge_count, paid_count, refunded_count, charged_back_count"
        " from analytics.daily_charge_outcomes order by 1"
    )

    assert sum(charged_back for *_, charged_back in outcomes) == 1
    counts = ", ".join(
        f"count(*) filter (where status = any('{statuses}'))"
        for statuses in (
            "{paid,refunded,partially_refunded,charged_back}",
            "{refunded,partially_refunded}",
            "{charged_back}",
        )
    )
    assert outcomes == built.query(
        f"select created_at::date, count(*), {counts} from analytics.charges group by 1 order by 1"
    )


def test_what_a_file_says_stays_when_a_later_one_says_otherwise(built: Warehouse, dbt: Dbt) -> None:
    totals = "select load_id, total_amount, transaction_count from analytics.load_totals order by load_id"
    before = built.query(totals)
    assert before == built.query(
        "select load_id, sum(amount), count(*) from (select load_id, amount, status from analytics.charges"
        " union all select load_id, amount, status from analytics.superseded_transactions) as accepted"
        " where status in ('paid', 'refunded') group by load_id order by load_id"
    )
    ((charge, company, name),) = built.query(
        "select charges.source_id, companies.source_id, company_name from analytics.charges"
        " join analytics.companies using (company_id) where load_id = 1 and status = 'paid' order by 1 limit 1"
    )

    again = built.load([(charge, name, company, "7.50", "paid", "2019-05-16", None)])
    dbt(*TABLES)

    assert built.query(totals) == [*before, (again, Decimal("7.50"), 1)]
