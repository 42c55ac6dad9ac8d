"""A command changes relations of its own schema alone, and one that reads changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import administer
from tests.dbt_project.conftest import ACME
from tests.dbt_project.warehouse import CHECKED, DATABASE, TABLES, Dbt, DbtFailedError, Warehouse
from warehouse.embedded import EmbeddedServer

pytestmark = pytest.mark.slow

DAY = "2019-05-16"

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")

# All that a build may leave behind: relations, columns, constraints, indexes, comments, triggers and rights.
CATALOGUE = """
    with relations as (select * from pg_class where relnamespace = any(array['analytics', 'raw']::regnamespace[]))
    select oid, relname, relkind::text, relacl::text, relfilenode::text from relations
    union all
    select attrelid, attname, format_type(atttypid, atttypmod), attnotnull::text, attnum::text
    from pg_attribute inner join relations on attrelid = relations.oid
    union all
    select pg_constraint.oid, conname, pg_get_constraintdef(pg_constraint.oid), null, null
    from pg_constraint inner join relations on conrelid = relations.oid or confrelid = relations.oid
    union all
    select objoid, description, objsubid::text, null, null from pg_description inner join relations on objoid = oid
    union all
    select relations.oid, pg_get_viewdef(oid), null, null, null from relations where relkind = 'v'
    order by 1, 2, 3
"""


class State:
    """What schemas hold, to be compared."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.catalogue = warehouse.query(CATALOGUE)
        tables = warehouse.query(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('analytics', 'raw')"
        )
        self.rows = {
            table: warehouse.query(f"select ctid::text, xmin::text, md5(t::text) from {table} as t order by 1, 2, 3")
            for (table,) in tables
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


@pytest.fixture
def production(built: Warehouse, dbt: Dbt, tmp_path: Path) -> tuple[Warehouse, str]:
    """A warehouse that is built and verified, and the directory of the manifest that it was built by."""
    built.load([("gone", "Gone", "gone", "much", "paid", DAY, None)])
    dbt(*CHECKED, *dbt.elsewhere(tmp_path / "state"), "--write-json")
    return built, str(tmp_path / "state")


@pytest.fixture
def reader_only(
    production: tuple[Warehouse, str], server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """dbt as somebody who may read production and make a schema."""
    warehouse, _ = production
    warehouse.execute(
        "create role ann; grant usage on schema raw, analytics to ann;"
        " grant select on all tables in schema raw, analytics to ann;"
        f" grant create on database {DATABASE} to ann"
    )
    monkeypatch.setenv("PGOPTIONS", "-c role=ann")
    monkeypatch.setenv("DBT_SCHEMA", "dbt_ann")
    yield
    monkeypatch.delenv("PGOPTIONS")
    warehouse.execute("drop owned by ann cascade")
    administer(server, "drop role ann")


def other_rules(project: Path) -> None:
    """Change what a row is, what a company is, and what charges has, with the migration that this takes."""
    companies = project / "models" / "intermediate" / "int_companies.sql"
    companies.write_text(
        companies.read_text().replace(
            "ranked_names.name_rank = 1", "ranked_names.name_rank = 1 and ranked_names.company_name <> 'Gone'"
        )
    )
    charges = project / "models" / "marts" / "charges.sql"
    charges.write_text(
        charges.read_text().replace(
            "paid_at as updated_at,", "paid_at as updated_at,\n cast(paid_at as date) as paid_date,"
        )
    )
    properties = charges.with_suffix(".yml")
    column = "      - name: paid_date\n        description: The day of payment.\n        data_type: date\n"
    place = "      - name: source_id\n"
    properties.write_text(properties.read_text().replace(place, column + place, 1))
    macros = project / "macros"
    (macros / "migrations" / "mart_migration_004.sql").write_text(
        "{% macro mart_migration_004() %} alter table {{ own_relation('charges') }} add column paid_date date"
        " {% endmacro %}"
    )
    migrations = macros / "migrations.sql"
    migrations.write_text(
        migrations.read_text().replace("mart_migration_003()", "mart_migration_003(), mart_migration_004()")
    )


def test_slim_builds_change_nothing_of_production(
    production: tuple[Warehouse, str], reader_only: None, dbt: Dbt, changed_project: Path
) -> None:
    warehouse, state = production
    before = State(warehouse)
    slim = ("--target", "dev", "--defer", "--state", state, *NO_UNIT_TESTS)

    for selection in ("charges", "companies charges", "stg_transactions+", "rejected_transactions+"):
        dbt("build", "--select", *selection.split(), *slim)
        assert State(warehouse) == before, selection
        keys = warehouse.query(
            "select confrelid::regclass::text from pg_constraint where contype = 'f'"
            " and conrelid = 'dbt_ann.charges'::regclass"
        )
        assert keys == ([] if selection == "charges" else [("dbt_ann.companies",)])
    warehouse.execute("drop schema dbt_ann cascade")
    other_rules(changed_project)
    dbt("build", "--select", "state:modified+", *slim, *dbt.elsewhere(changed_project / "target", changed_project))

    assert State(warehouse) == before
    assert warehouse.query("select paid_date from dbt_ann.charges limit 1") != []
    assert warehouse.query("select load_id from dbt_ann.verified_loads") == []
    assert warehouse.query("select company_name from dbt_ann.companies order by 1") == [
        ("Acme",),
        ("Berta",),
        ("Only here",),
    ]
    warehouse.execute("drop schema dbt_ann cascade")
    dbt("clone", "--target", "dev", "--state", state)
    dbt("build", "--select", "charges", *slim)
    assert State(warehouse) == before


def test_a_load_is_verified_where_it_was_tested(
    production: tuple[Warehouse, str], dbt: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse, state = production
    monkeypatch.setenv("DBT_SCHEMA", "dbt_ben")
    warehouse.load([("new", *ACME, "1", "paid", DAY, None)])
    dbt(*TABLES)
    warehouse.execute("update analytics.charges set amount = 9 where id = 'new'")

    dbt("build", "--select", "stg_transactions+", "--target", "dev", "--defer", "--state", state, *NO_UNIT_TESTS)

    assert warehouse.query("select max(load_id) from dbt_ben.verified_loads") == [(4,)]
    with pytest.raises(DbtFailedError, match="conservation"):
        dbt("test", *NO_UNIT_TESTS)


def test_commands_that_read_change_nothing_and_need_no_right_to_write(
    production: tuple[Warehouse, str], reader_only: None, dbt: Dbt, tmp_path: Path
) -> None:
    warehouse, _ = production
    warehouse.execute("delete from analytics.schema_version where version = 3")
    before = State(warehouse)

    for command in ("compile", "docs generate", "test", "show --select charges", "ls"):
        dbt(command, *(NO_UNIT_TESTS if command == "test" else ()))
        assert State(warehouse) == before, command
    with pytest.raises(DbtFailedError, match="loads error"):
        # The files are years old.
        dbt("source freshness")
    assert State(warehouse) == before
