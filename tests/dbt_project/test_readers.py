"""A build waits for readers where it has to, and readers never for a build."""

import psycopg2
import pytest

from tests.dbt_project.conftest import ACME
from tests.dbt_project.test_interruptions import REWORDED_VIEW
from tests.dbt_project.warehouse import TABLES, Dbt, Warehouse

# Before the second migration of the marts.
EARLIER_VERSION = """
    alter table analytics.charges drop column changed_at cascade;
    delete from analytics.schema_version;
    insert into analytics.schema_version (version) values (2)
"""

LOCK_ALL = """
    do $$
    declare
        relation regclass;
    begin
        for relation in
            select oid from pg_class where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'v')
        loop
            execute format('lock table %s in access share mode', relation);
        end loop;
    end
    $$
"""


@pytest.mark.slow
def test_a_build_that_changes_no_definition_waits_for_no_reader(
    built: Warehouse, dbt: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.execute(f"begin; {LOCK_ALL}")
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=1ms")
    dbt(*TABLES)
    other = Warehouse(built.conninfo)
    other.load([("new", *ACME, "1", "paid", "2019-03-19", None)])
    other.connection.close()
    dbt(*TABLES)
    built.execute("commit")
    assert ("new",) in built.query("select id from analytics.charges")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "read", "arguments"),
    [
        (REWORDED_VIEW, "select from analytics.daily_transaction_summary", ()),
        ("create index charges_by_day_x on analytics.charges (created_at)", "select from analytics.charges", ()),
        ("select", "select from analytics.superseded_transactions", ("--full-refresh",)),
        (EARLIER_VERSION, "select from analytics.charges", ()),
    ],
    ids=["view", "index", "full refresh", "migration"],
)
def test_readers_are_served_while_a_build_waits_for_one(
    built: Warehouse, dbt: Dbt, change: str, read: str, arguments: tuple[str, ...]
) -> None:
    built.execute(change)
    reader = psycopg2.connect(built.conninfo)
    reader.cursor().execute(read)
    # Far longer than the half second for which a build may stand before readers.
    built.execute("set lock_timeout = '60s'")
    waits = "from pg_locks where not granted and mode = 'AccessExclusiveLock'"

    build = dbt.start(*TABLES, *arguments)
    for _ in range(2):
        built.wait_for(f"select count(*) > 0 {waits}")
        built.execute(read)
        built.wait_for(f"select count(*) = 0 {waits}")
        built.execute(read)
    assert build.is_alive()
    reader.close()
    build.join()

    assert build.exitcode == 0
    assert built.published() == built.expected()
