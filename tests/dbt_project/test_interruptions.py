"""Readers never see a table half built or the view missing, even if dbt is killed at its worst moment."""

import contextlib
import time
from collections.abc import Iterator

import psycopg2
import pytest

from tests.dbt_project.conftest import ACME
from tests.dbt_project.warehouse import TABLES, Dbt, DbtFailedError, Warehouse
from tests.waiting import meanwhile

pytestmark = pytest.mark.slow

NEWS = [("c1", *ACME, "7", "paid", "2019-03-19", None), ("c10", "New", "new", "1", "paid", "2019-03-20", None)]

SUMMARY = "select count(*), sum(total_amount), sum(transaction_count) from analytics.daily_transaction_summary"
FOREIGN_KEYS = "select conrelid::regclass::text from pg_constraint where contype = 'f' and convalidated order by 1"
CHARGES = "select count(*), sum(amount) from analytics.charges"

# A view that says the same in the same words is not replaced.
REWORDED_VIEW = """
    do $$
    begin
        execute format(
            'create or replace view analytics.daily_transaction_summary as select * from (%s) as summary',
            rtrim(pg_get_viewdef('analytics.daily_transaction_summary'::regclass), ';')
        );
    end
    $$
"""


@contextlib.contextmanager
def reader(conninfo: str) -> Iterator[set[tuple[object, ...]]]:
    """Read the view and the charges all the time; what was read, or how reading failed."""
    seen: set[tuple[object, ...]] = set()
    connection = psycopg2.connect(conninfo)
    connection.autocommit = True

    def read() -> None:
        with connection.cursor() as cursor:
            for query in (SUMMARY, CHARGES):
                try:
                    cursor.execute(query)
                    seen.update(cursor.fetchall())
                except psycopg2.Error as error:
                    seen.add((query, str(error)))
        # Leaves the processor to what is tested.
        time.sleep(0.01)

    with contextlib.closing(connection), meanwhile(read):
        yield seen


def state(warehouse: Warehouse) -> set[tuple[object, ...]]:
    return {*warehouse.query(SUMMARY), *warehouse.query(CHARGES)}


def test_readers_see_the_old_state_or_the_new(built: Warehouse, dbt: Dbt) -> None:
    before = state(built)
    with reader(built.conninfo) as seen:
        built.load(NEWS)
        dbt(*TABLES, "--full-refresh")
        after = state(built)
        built.load([(None, None, None, None, None, None, None)] * 200)
        with pytest.raises(DbtFailedError, match="reject_ratio"):
            dbt("build", "--exclude-resource-type", "unit_test")
        dbt("run", "--select", "daily_transaction_summary")
    assert before != after
    assert seen == before | after


@pytest.mark.parametrize(
    "held_back_by",
    [
        # What the statement that is to be killed has to wait for.
        "lock table analytics.charge_statuses in share mode",
        "lock table analytics.stg_transactions in share mode",
        "lock table analytics.companies in share mode",
        "lock table analytics.charges in share mode",
        "select from analytics.companies where company_id = 'only-here' for update",
        "lock table analytics.daily_transaction_summary in access share mode",
    ],
    ids=["seed", "intermediate table", "companies", "charges", "vanished company", "view"],
)
def test_a_kill_loses_nothing(built: Warehouse, dbt: Dbt, held_back_by: str) -> None:
    before = state(built)
    built.remove(2)
    built.load(NEWS)
    built.execute(REWORDED_VIEW)

    with reader(built.conninfo) as seen:
        built.execute(f"begin; {held_back_by}")
        process = dbt.start(*TABLES)
        built.wait_for("select count(*) > 0 from pg_locks where not granted")
        process.kill()
        process.join()
        built.execute("rollback")
        built.wait_for(
            "select count(*) = 0 from pg_stat_activity where application_name = 'dbt' and datname = current_database()",
        )
    assert built.query(FOREIGN_KEYS) == [("analytics.charges",), ("raw.rejected_rows",)]
    dbt(*TABLES)
    assert seen <= before | state(built)
    assert built.published() == built.expected()
