"""What a build publishes, what it leaves alone, and what it refuses to publish."""

import re

import psycopg2.errors
import pytest

from tests.dbt_project.conftest import ACME, FIRST_LOAD, SECOND_LOAD
from tests.dbt_project.warehouse import CHECKED, TABLES, Dbt, DbtFailedError, Warehouse

# A load that changes something in every table.
NEWS = [
    ("c1", "Acme Ltd", ACME[1], "4", "paid", "2019-03-19", "2019-03-20"),
    ("c10", "Acme Ltd", ACME[1], "5", "paid", "2019-03-20", None),
    ("c11", "Acme Ltd", ACME[1], "6", "paid", "2019-03-20", None),
    ("c12", "Acme Ltd", ACME[1], "7", "paid", "2019-03-20", None),
    ("c13", "New", "new", "8", "paid", "2019-03-20", None),
    ("c14", "New", "new", "eight", "paid", "2019-03-20", None),
]

IN_PLACE_TABLES = (
    "stg_loads",
    "stg_transactions",
    "int_company_names",
    "int_companies",
    "companies",
    "charges",
    "rejected_transactions",
)


def catalogue(warehouse: Warehouse) -> list[tuple[object, ...]]:
    """The identities of the public tables, and of their indexes and constraints."""
    return warehouse.query(
        "with public_tables as (select oid, relname from pg_class where relkind = 'r' and oid = any(array["
        "'analytics.companies', 'analytics.charges', 'analytics.rejected_transactions']::regclass[]))"
        " select * from public_tables"
        " union all select indexrelid, indexrelid::regclass::text from pg_index join public_tables on indrelid = oid"
        " union all select c.oid, conname from pg_constraint c join public_tables t on conrelid = t.oid order by 1"
    )


def row_versions(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    """Where each row lies and which transaction wrote it: both change when a row is written again."""
    return {
        table: warehouse.query(f"select ctid::text, xmin::text from analytics.{table} order by ctid")
        for table in IN_PLACE_TABLES
    }


def test_a_build_publishes_what_the_rules_say(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load(FIRST_LOAD, unreadable=[("wrong_field_count", b"a,b\xff")])
    warehouse.load(SECOND_LOAD)

    statuses = dbt("build")

    assert set(statuses.values()) == {"success", "pass", "no-op", "warn"}
    assert [name for name, status in statuses.items() if status == "warn"] == ["reject_ratio"]
    assert warehouse.published() == warehouse.expected()
    assert len(warehouse.published().charges) == 8


def test_a_second_build_writes_no_row_again(built: Warehouse, dbt: Dbt) -> None:
    before = row_versions(built)
    dbt(*TABLES)
    assert row_versions(built) == before


def test_a_build_writes_only_the_rows_that_change(built: Warehouse, dbt: Dbt) -> None:
    before = set(built.query("select id, xmin::text from analytics.charges"))
    built.load([("c1", *ACME, "5", "paid", "2019-03-19", None)])
    dbt(*TABLES)
    after = set(built.query("select id, xmin::text from analytics.charges"))
    assert {charge for charge, _ in after - before} == {"c1"}


def test_a_full_refresh_keeps_tables_keys_and_rows(built: Warehouse, dbt: Dbt) -> None:
    before, rows_before = catalogue(built), row_versions(built)
    dbt(*TABLES, "--full-refresh")
    assert catalogue(built) == before
    rows = row_versions(built)
    assert {table: rows[table] for table in ("companies", "charges", "rejected_transactions")} == {
        table: rows_before[table] for table in ("companies", "charges", "rejected_transactions")
    }
    assert built.published() == built.expected()


@pytest.mark.slow
def test_partial_builds_keep_key_and_view(built: Warehouse, dbt: Dbt) -> None:
    before = catalogue(built)
    built.load(NEWS)
    for selection in (
        ("companies",),
        ("charges", "rejected_transactions"),
        ("daily_transaction_summary",),
        ("stg_transactions", "int_resolved_transactions"),
        ("stg_transactions", "--full-refresh"),
    ):
        dbt("run", "--select", *selection)
        assert catalogue(built) == before, selection
        assert built.query("select count(*) from analytics.daily_transaction_summary") == [(5,)], selection

    dbt(*TABLES)

    assert built.published() == built.expected()


def test_charges_wait_for_their_company(built: Warehouse, dbt: Dbt) -> None:
    before = built.published()
    built.load(NEWS)
    dbt("run", "--select", "+int_resolved_transactions")

    with pytest.raises(DbtFailedError, match="violates foreign key"):
        dbt("run", "--select", "charges")

    assert built.published() == before


def test_a_lost_foreign_key_comes_back(built: Warehouse, dbt: Dbt) -> None:
    built.execute("alter table analytics.charges drop constraint charges_company_id_fkey")
    with pytest.raises(DbtFailedError, match="foreign_key_exists"):
        dbt("test", "--select", "foreign_key_exists")
    dbt("run", "--select", "charges")
    dbt("test", "--select", "foreign_key_exists")


@pytest.mark.slow
def test_a_load_that_lands_during_a_build_waits_for_the_next(built: Warehouse, dbt: Dbt) -> None:
    before = built.published()
    dbt("run", "--select", "stg_loads")
    built.load(NEWS, unreadable=[("stray_quote", b'"')])

    dbt(*CHECKED, "--exclude", "stg_loads")
    assert built.published() == before

    dbt(*TABLES)
    assert built.published() == built.expected()


def test_rejected_rows_show_what_they_said(built: Warehouse) -> None:
    shown = built.query(
        "select load_id, row_number, source_name, reasons, id, name, company_id, amount, status, created_at, paid_at,"
        " record from analytics.rejected_transactions where load_id = 1 and row_number > 6 order by row_number"
    )
    unresolved, missing = "unresolved_company", "missing_id"
    every_reason = "missing_id,invalid_amount,unknown_status,invalid_created_at,invalid_paid_at"
    assert shown == [
        (1, 7, "test.csv", every_reason, None, "Berta", "berta", "3.0e213231213123", "p&0x3fid", "now", "soon", None),
        (1, 8, "test.csv", unresolved, "c7", "Nobody", None, "1", "paid", "2019-02-27", None, None),
        (1, 9, "test.csv", missing, "", "Berta", "berta", "1", "paid", "2019-02-27", " ", None),
        (1, 10, "test.csv", "wrong_field_count", *[None] * 7, "a,b\\377"),
    ]


@pytest.mark.parametrize(
    "damage",
    [
        "drop schema raw cascade",
        "truncate raw.loads, raw.raw_transactions, raw.rejected_rows",
        "truncate raw.raw_transactions",
    ],
)
def test_an_empty_raw_schema_stops_dbt_and_empties_nothing(built: Warehouse, dbt: Dbt, damage: str) -> None:
    before = built.published()
    built.execute(damage)
    with pytest.raises(
        DbtFailedError, match="nothing to build from in the raw schema: run `python -m ingest load FILE` first"
    ):
        dbt("run")
    assert built.published() == before


def test_an_empty_dry_run_empties_nothing(built: Warehouse, dbt: Dbt) -> None:
    before = built.published()
    with pytest.raises(DbtFailedError, match="With --empty the tables of analytics would lose their rows"):
        dbt("run", "--empty")
    assert built.published() == before


def test_files_of_rejected_rows_alone_leave_no_charge(built: Warehouse, dbt: Dbt) -> None:
    for load_id in (1, 2):
        built.remove(load_id)
    built.load([("c1", *ACME, "much", "paid", "2019-03-19", None)])
    dbt(*TABLES)
    assert built.published() == built.expected()
    assert not built.published().charges


LONG_ID = "a" * 24

GOOD_ROWS = [(f"good-{number}", *ACME, "1", "paid", "2019-05-16", None) for number in range(100)]
BAD_ROWS = [(None, *ACME, "1", "paid", "2019-05-16", None) for _ in range(101)]


@pytest.mark.parametrize(
    ("rows", "damage", "complaint"),
    [
        (NEWS, "delete from raw.raw_transactions where _load_id = 3 and _row_number = 2", "every_load_is_complete"),
        (NEWS, "insert into raw.raw_transactions select * from raw.raw_transactions where _load_id = 3", "duplicate"),
        ([(LONG_ID + end, *ACME, "1", "paid", "2019-05-16", None) for end in "bc"], "", "one_to_one"),
        ([(end, end, LONG_ID + end, "1", "paid", "2019-05-16", None) for end in "bc"], "", "companies_stay_apart"),
        ([*GOOD_ROWS, *BAD_ROWS], "", "reject_ratio"),
    ],
    ids=["incomplete load", "repeated rows", "ids that become one", "companies that become one", "another format"],
)
def test_a_failing_check_publishes_nothing(
    built: Warehouse, dbt: Dbt, rows: list[tuple[str | None, ...]], damage: str, complaint: str
) -> None:
    before = built.published()
    built.load(rows)
    built.execute(damage or "select")

    with pytest.raises(DbtFailedError, match=complaint):
        dbt(*CHECKED)

    assert built.published() == before


def test_ids_that_become_one_are_found_where_there_is_nothing_older(warehouse: Warehouse, dbt: Dbt) -> None:
    both = [("b", "1"), ("c", "many")]
    rejected = warehouse.load([(LONG_ID + end, *ACME, amount, "paid", "2019-05-16", None) for end, amount in both])
    again = [(LONG_ID + "b", *ACME, "2", "paid", "2019-05-16", None), (None, *ACME, "3", "paid", "2019-05-16", None)]
    warehouse.load(again)
    dbt(*CHECKED)
    assert warehouse.published() == warehouse.expected()
    assert set(warehouse.published().rejected) == {(rejected, 2), (rejected + 1, 2)}

    warehouse.execute("drop schema analytics cascade")
    warehouse.load([(LONG_ID + "c", *ACME, "4", "paid", "2019-05-16", None)])
    with pytest.raises(DbtFailedError, match="one_to_one"):
        dbt(*CHECKED)
    assert warehouse.query("select to_regclass('analytics.charges')") == [(None,)]


def test_many_rejected_rows_are_a_warning(built: Warehouse, dbt: Dbt) -> None:
    built.load([*GOOD_ROWS, *BAD_ROWS[:2]])
    assert dbt(*CHECKED)["reject_ratio"] == "warn"
    assert built.published() == built.expected()


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("update analytics.charges set id = 'c1'", psycopg2.errors.UniqueViolation),
        ("update analytics.charges set company_id = 'nobody'", psycopg2.errors.ForeignKeyViolation),
        ("delete from analytics.companies", psycopg2.errors.ForeignKeyViolation),
        ("update analytics.charges set amount = -0.01", psycopg2.errors.CheckViolation),
        ("update analytics.charges set status = null", psycopg2.errors.NotNullViolation),
        ("update analytics.charges set created_at = null", psycopg2.errors.NotNullViolation),
        ("update analytics.companies set company_name = null", psycopg2.errors.NotNullViolation),
        ("update analytics.companies set company_id = 'same'", psycopg2.errors.UniqueViolation),
        ("update analytics.companies set company_name = ''", psycopg2.errors.CheckViolation),
    ],
)
def test_the_database_itself_refuses_what_the_rules_forbid(
    built: Warehouse, statement: str, error: type[psycopg2.Error]
) -> None:
    with pytest.raises(error):
        built.execute(statement)


@pytest.mark.parametrize(
    ("condition", "index_condition"),
    [
        ("transaction_date = '2019-02-27'", "created_at)::date) = '2019-02-27'::date"),
        ("company_id = 'berta'", "company_id)::text = 'berta'"),
        ("company_id = 'berta' and transaction_date >= '2019-02-01'", "AND ((created_at)::date >= '2019-02-01'::date"),
    ],
)
def test_one_day_or_one_company_of_the_summary_comes_from_an_index(
    built: Warehouse, condition: str, index_condition: str
) -> None:
    # Of so few rows the planner would read all; whether it can use an index is the question.
    built.execute("set enable_seqscan = off; set enable_bitmapscan = off")
    plan = built.query(f"explain select * from analytics.daily_transaction_summary where {condition}")
    conditions = [line for (line,) in plan if "Index Cond" in line]
    assert any(index_condition in line for line in conditions), plan


def test_the_whole_summary_comes_from_one_index_in_its_order(built: Warehouse) -> None:
    built.execute("set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashagg = off")
    plan = built.query("explain select * from analytics.daily_transaction_summary")
    lines = [line.strip() for (line,) in plan]
    (grouped,) = (number for number, line in enumerate(lines) if "GroupAggregate" in line)
    # Without a sort between the two.
    assert re.match("-> +Index Only Scan using .* on charges ", lines[grouped + 2]), plan
