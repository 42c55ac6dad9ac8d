"""Upgrades of the marts, which stay in place and which dbt itself does not alter."""

import re
from pathlib import Path

import pytest

from ingest import DataLoader
from tests.dbt_project.warehouse import CHECKED, TABLES, Dbt, DbtFailedError, Warehouse

pytestmark = pytest.mark.slow

FIRST_RELEASE = Path(__file__).with_name("first_release.sql").read_text(encoding="utf-8")

# The tables that stay in place: those with a contract, and all that they have that dbt would not change by itself.
CATALOGUE = """
    with marts as (
        select oid, relname
        from pg_class
        where relnamespace = 'analytics'::regnamespace
            and relname in ('companies', 'charges', 'rejected_transactions')
    )
    select relname, attname, format_type(atttypid, atttypmod), case when attnotnull then 'not null' end
    from marts inner join pg_attribute on attrelid = marts.oid
    where attnum > 0 and not attisdropped
    union all
    select relname, contype::text, pg_get_constraintdef(pg_constraint.oid), null
    from marts inner join pg_constraint on conrelid = marts.oid
    union all
    select relname, 'index', regexp_replace(pg_get_indexdef(indexrelid), 'INDEX .* ON', 'INDEX ON'), null
    from marts inner join pg_index on indrelid = marts.oid
    order by 1, 2, 3
"""
VERSIONS = "select version from analytics.schema_version order by version"
CHECKS = "select count(*) from pg_constraint where conrelid = 'analytics.charges'::regclass and contype = 'c'"

MIGRATION = """
{% macro mart_migration_004() %}
    alter table {{ own_relation("charges") }} add constraint amount_is_small check (amount < %d)
    ;
    alter table {{ own_relation("companies") }} alter column source_id set statistics 200
{% endmacro %}
"""


def release(dbt: Dbt, project: Path, largest_amount: int) -> list[str]:
    text = MIGRATION.replace("%d", str(largest_amount))
    (project / "macros" / "migrations" / "mart_migration_004.sql").write_text(text)
    migrations = project / "macros" / "migrations.sql"
    listed = migrations.read_text().replace("mart_migration_003()", "mart_migration_003(), mart_migration_004()")
    migrations.write_text(listed)
    # As where a checkout is brought up to date: dbt has read all but the new macro.
    return dbt.elsewhere(project / "target", project)


def test_the_first_release_upgrades_to_what_is_built_today(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.execute("drop schema raw cascade")
    warehouse.execute(FIRST_RELEASE)
    warehouse.execute("reset all")
    before = warehouse.published()
    assert len(before.charges) == 8
    with pytest.raises(
        DbtFailedError, match="The raw schema is older than these models: run `python -m ingest migrate`"
    ):
        dbt(*CHECKED)
    assert warehouse.published() == before
    DataLoader(warehouse.conninfo).migrate_raw_schema()
    with pytest.raises(DbtFailedError, match="are unknown for its rows"):
        dbt(*CHECKED)
    assert warehouse.published() == before

    dbt(*CHECKED, "--full-refresh")

    assert warehouse.published() == before
    upgraded = warehouse.query(CATALOGUE)
    warehouse.execute("drop schema analytics cascade")
    dbt(*TABLES)
    assert warehouse.query(CATALOGUE) == upgraded
    assert warehouse.published() == before


def test_a_migration_is_applied_once_and_before_the_models(built: Warehouse, dbt: Dbt, changed_project: Path) -> None:
    options = release(dbt, changed_project, largest_amount=1_000_000)
    ((checks,),) = built.query(CHECKS)

    dbt(*TABLES, *options)
    dbt(*TABLES, *options)

    assert built.query(CHECKS) == [(checks + 1,)]
    assert built.query(VERSIONS) == [(3,), (4,)]
    with pytest.raises(DbtFailedError, match="marts have version 4, but these models support 3"):
        dbt(*TABLES)


def test_a_migration_that_fails_changes_nothing_and_stops_the_build(
    built: Warehouse, dbt: Dbt, changed_project: Path
) -> None:
    options = release(dbt, changed_project, largest_amount=1)
    checks, catalogue, published = built.query(CHECKS), built.query(CATALOGUE), built.published()
    built.load([("c99", "Acme", "acme", "1.00", "paid", "2019-02-27", None)])

    with pytest.raises(DbtFailedError, match="amount_is_small"):
        dbt(*TABLES, *options)

    assert built.query(CHECKS) == checks
    assert built.query(CATALOGUE) == catalogue
    assert built.query(VERSIONS) == [(3,)]
    assert built.published() == published


@pytest.mark.parametrize("earlier", ["none", "a build that published nothing"])
def test_new_marts_need_no_migration(warehouse: Warehouse, dbt: Dbt, changed_project: Path, earlier: str) -> None:
    warehouse.load([("c1", "Acme", "acme", "5.00", "paid", "2019-02-27", None)])
    if earlier != "none":
        dbt("build", "--select", "stg_loads")
        assert warehouse.query(VERSIONS) == [(3,)]

    dbt(*TABLES, *release(dbt, changed_project, largest_amount=1))

    assert warehouse.query(VERSIONS) == ([(4,)] if earlier == "none" else [(3,), (4,)])
    assert "amount_is_small" not in str(warehouse.query(CATALOGUE))


def test_a_table_of_somebody_else_is_left_alone(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load([("c1", "Acme", "acme", "5.00", "paid", "2019-02-27", None)])
    warehouse.execute("create schema analytics; create table analytics.charges as select 1 as theirs")

    with pytest.raises(DbtFailedError, match=r'"charges" exists already and was not built by these models') as failed:
        dbt(*TABLES)

    assert "drop" not in str(failed.value)
    assert warehouse.query("select * from analytics.charges") == [(1,)]


def test_marts_that_are_not_whole_are_not_brought_up_to_date(built: Warehouse, dbt: Dbt, changed_project: Path) -> None:
    before = built.published()
    options = release(dbt, changed_project, largest_amount=1_000_000)
    built.execute("drop table analytics.charges cascade")
    with pytest.raises(DbtFailedError, match="Some marts are missing") as failed:
        dbt(*TABLES, *options)
    advice = re.search(r"\((drop table .*cascade)\)", str(failed.value))
    assert advice is not None

    built.execute(advice[1])
    dbt(*TABLES, *options)

    assert built.published() == before
    assert built.query(VERSIONS)[-1] == (4,)
