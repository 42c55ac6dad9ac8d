"""Whatever a field holds, a build succeeds, and the value is either right or rejected."""

from tests.dbt_project.hostile_values import ACME, AMOUNTS, TEXTS, TIMES, random_rows, rows_of_texts
from tests.dbt_project.warehouse import CHECKED, TABLES, Dbt, Warehouse
from tests.oracle import fit_identifier, trimmed_of_any_space


def test_amounts_are_right_or_rejected(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load([(f"c{n}", *ACME, text, "paid", "2019-05-16", None) for n, text in enumerate(AMOUNTS)])
    dbt(*CHECKED, "--exclude", "reject_ratio")

    found = dict(warehouse.query("select id, amount from analytics.charges"))
    assert {text: found.get(f"c{n}") for n, text in enumerate(AMOUNTS)} == AMOUNTS
    assert warehouse.published() == warehouse.expected()


def test_times_are_right_or_rejected(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load([(f"c{n}", *ACME, "1", "paid", text, text) for n, text in enumerate(TIMES)])
    dbt(*CHECKED, "--exclude", "reject_ratio")

    found = {
        charge: times for charge, *times in warehouse.query("select id, created_at, updated_at from analytics.charges")
    }
    expected = {f"c{n}": [time, time] for n, time in enumerate(TIMES.values()) if time}
    assert found == expected
    assert warehouse.published() == warehouse.expected()


def test_identifiers_names_and_statuses_are_right_or_rejected(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load(rows_of_texts())
    dbt(*CHECKED)

    published = warehouse.published()
    assert published == warehouse.expected()
    assert {fit_identifier(text) for text in map(trimmed_of_any_space, TEXTS) if text} <= published.charges.keys()


def test_random_texts_are_judged_as_the_oracle_judges_them(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load(random_rows(5000))
    dbt(*TABLES)

    published = warehouse.published()
    assert published == warehouse.expected()
    assert len(published.charges) > 100
