"""A build costs what is new, and what is new may change what is old."""

from pathlib import Path

import pytest

from tests.dbt_project.conftest import ACME, BERTA
from tests.dbt_project.warehouse import CHECKED, DATABASE, TABLES, Dbt, DbtFailedError, Warehouse

AUDIT = ("test", "--exclude-resource-type", "unit_test", "--vars", "audit: true")

DAY = "2019-05-16"
UNRESOLVED = ("unresolved_company",)

RESOLVED = "int_resolved_transactions"

LARGE_TABLES = "'raw_transactions', 'stg_transactions', 'charges'"

OLD_ROWS = 10_000


def rows_read(warehouse: Warehouse) -> dict[str, int]:
    """How many rows of the large tables were read since the statistics began."""
    warehouse.execute("select pg_stat_force_next_flush()")
    counted = warehouse.query(
        "select relname, (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint"
        f" from pg_stat_user_tables where relname in ({LARGE_TABLES})"
    )
    return dict(counted)


def test_a_build_with_its_tests_reads_what_is_new(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load([(f"old {number}", *ACME, "1", "paid", DAY, None) for number in range(OLD_ROWS)])
    dbt(*CHECKED)
    warehouse.execute("vacuum analyze")
    forced = warehouse.load([(f"old {number}", *ACME, "2", "paid", DAY, None) for number in range(10)])
    dbt(*CHECKED)
    warehouse.remove(forced)
    warehouse.load([(f"new {number}", *ACME, "2", "paid", DAY, None) for number in range(10)])
    warehouse.load([("unsettled", *ACME, "many", "paid", DAY, None)])
    before = rows_read(warehouse)

    dbt(*CHECKED)

    after = rows_read(warehouse)
    assert {table: after[table] - before[table] < OLD_ROWS / 4 for table in after} == dict.fromkeys(after, True)
    assert len(warehouse.published().charges) == OLD_ROWS + 10
    assert warehouse.published() == warehouse.expected()


@pytest.mark.slow
def test_a_first_build_leaves_large_tables_vacuumed(warehouse: Warehouse, dbt: Dbt) -> None:
    # Autovacuum has a count of its own, so it does not matter whether it is quicker.
    vacuumed = (
        "select pg_class.relname, relallvisible > 0, vacuum_count"
        " from pg_stat_user_tables inner join pg_class on pg_class.oid = relid"
        " where pg_class.relname in ('stg_transactions', 'charges') order by 1"
    )
    warehouse.load([(f"old {number}", *ACME, "1", "paid", DAY, None) for number in range(1000)])
    dbt(*CHECKED)
    assert warehouse.query(vacuumed) == [("charges", True, 1), ("stg_transactions", True, 1)]

    warehouse.load([("new", *ACME, "1", "paid", DAY, None)])
    dbt(*CHECKED)

    assert [row[2] for row in warehouse.query(vacuumed)] == [1, 1]


def test_an_older_version_of_a_charge_wins_again(warehouse: Warehouse, dbt: Dbt) -> None:
    settled = ("again", *ACME, "1", "paid", DAY, None)
    warehouse.load([settled, ("other", "Twin", "twin-1", "1", "paid", DAY, None)])
    warehouse.load([("again", "Twin", "***", "2", "paid", DAY, None)])
    dbt(*TABLES)
    assert warehouse.published().charges["again"].company_id == "twin-1"

    warehouse.load([("another", "Twin", "twin-2", "1", "paid", DAY, None)])
    dbt(*TABLES)

    assert warehouse.published().charges["again"].load_id == 1
    assert warehouse.published() == warehouse.expected()


def test_a_company_that_loses_its_only_name_loses_its_charges(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load([("a", None, "nameless", "1", "paid", DAY, None), ("b", *ACME, "1", "paid", DAY, None)])
    named = warehouse.load([("c", "Named", "nameless", "much", "paid", DAY, None)])
    dbt(*TABLES)
    assert set(warehouse.published().charges) == {"a", "b"}

    warehouse.remove(named)
    dbt(*TABLES)

    assert warehouse.published().rejected == {(1, 1): UNRESOLVED}
    assert set(warehouse.published().companies) == {"a" * 24}
    assert warehouse.published() == warehouse.expected()


@pytest.mark.slow
def test_loads_that_left_no_charge_are_done_nevertheless(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load([("a", *ACME, "1", "paid", DAY, None)])
    warehouse.load([("b", *ACME, "many", "paid", DAY, None)])
    warehouse.load([], unreadable=[("stray_quote", b'"')])
    warehouse.load([(None, None, None, None, None, None, None)])
    dbt(*CHECKED)
    removed = warehouse.load([("a", *BERTA, "3", "paid", DAY, None)])
    warehouse.load([("a", *ACME, "2", "paid", DAY, None)])
    dbt(*CHECKED)
    warehouse.remove(removed)
    dbt(*CHECKED)
    assert warehouse.published() == warehouse.expected()


@pytest.mark.slow
def test_rows_of_a_company_that_is_not_known_yet_are_not_forgotten(built: Warehouse, dbt: Dbt) -> None:
    before = built.published()
    built.load([("new", "New", "new", "1", "paid", DAY, None), ("known", *ACME, "1", "paid", DAY, None)])
    dbt("run", "--select", "stg_loads", "stg_transactions")
    with pytest.raises(DbtFailedError, match="violates not-null constraint"):
        dbt("run", "--select", "charges")
    assert built.published().charges == before.charges

    dbt(*TABLES)

    assert built.published() == built.expected()


@pytest.mark.slow
def test_a_build_by_other_rules_publishes_nothing_and_a_full_refresh_all(
    built: Warehouse, dbt: Dbt, changed_project: Path
) -> None:
    before = built.published()
    built.load([("new", "New", "new", "1", "paid", DAY, None), ("bad", *ACME, "much", "paid", DAY, None)])
    macro = changed_project / "macros" / "parsing.sql"
    assert "^[0-9]*[a-f][0-9a-f]*$" in macro.read_text()
    macro.write_text(macro.read_text().replace("^[0-9]*[a-f][0-9a-f]*$", "^[0-9]+$"))
    options = dbt.elsewhere(changed_project / "target", changed_project)

    with pytest.raises(DbtFailedError, match="rules behind stg_transactions have changed"):
        dbt(*TABLES, *options)
    assert built.published() == before
    # As a full refresh that was killed before the marts.
    dbt("run", "--full-refresh", "--select", "+int_resolved_transactions", "superseded_transactions", *options)
    with pytest.raises(DbtFailedError, match="rules behind .* have changed"):
        dbt(*TABLES, *options)
    assert built.published().companies == before.companies
    assert built.published().rejected == before.rejected

    dbt(*CHECKED, "--full-refresh", *options)

    in_place = built.published()
    built.execute("drop schema analytics cascade")
    dbt(*TABLES, *options)
    assert built.published() == in_place != before


@pytest.mark.slow
def test_a_raw_schema_that_was_made_anew_asks_for_a_full_refresh(built: Warehouse, dbt: Dbt) -> None:
    before = built.published()
    built.execute("truncate raw.loads, raw.raw_transactions, raw.rejected_rows restart identity")
    built.rows.clear()
    assert built.load([("other", *ACME, "2", "paid", DAY, None)]) == 1
    with pytest.raises(DbtFailedError, match=r"Load 1 is not the load .* `dbt build --full-refresh --project-dir \S+`"):
        dbt(*TABLES)
    assert built.published() == before

    # As one that was killed.
    dbt("run", "--full-refresh", "--select", "stg_loads")
    with pytest.raises(DbtFailedError, match="rules behind stg_transactions are unknown"):
        dbt(*TABLES)
    dbt("run", "--full-refresh", "--select", "stg_loads", "stg_transactions")
    with pytest.raises(DbtFailedError, match="rules behind int_company_names are unknown"):
        dbt(*TABLES)

    dbt(*TABLES, "--full-refresh")

    assert built.published() == built.expected()


@pytest.mark.slow
def test_rows_that_another_build_has_inserted_meanwhile_count_once(built: Warehouse, dbt: Dbt) -> None:
    lock = f"""hashtextextended('"{DATABASE}"."analytics"."int_company_names"', 0)"""
    built.load([("new", "Other", ACME[1], "1", "paid", DAY, None)] * 3)
    built.execute(f"select pg_advisory_lock({lock})")
    build = dbt.start(*TABLES)
    built.wait_for("select count(*) > 0 from pg_locks where not granted")
    built.execute(f"insert into analytics.int_company_names values (3, '{ACME[1]}', 'Other', 3)")
    built.execute(f"select pg_advisory_unlock({lock})")
    build.join()

    assert built.query("select row_count from analytics.int_company_names where load_id = 3") == [(3,)]
    assert built.published() == built.expected()


@pytest.mark.slow
def test_what_a_test_refuses_it_refuses_again(built: Warehouse, dbt: Dbt) -> None:
    before = built.published()
    built.load([("new", *ACME, "1", "paid", DAY, None), ("gone", *ACME, "1", "paid", DAY, None)])
    built.execute("delete from raw.raw_transactions where id = 'gone'")
    for _ in range(2):
        with pytest.raises(DbtFailedError, match="every_load_is_complete"):
            dbt(*CHECKED)
        assert built.published() == before


@pytest.mark.slow
def test_loads_are_verified_when_no_test_has_failed(built: Warehouse, dbt: Dbt) -> None:
    verified = "select load_id from analytics.verified_loads order by load_id"
    for one in ("every_load_is_complete", "conservation"):
        dbt("test", "--select", one)
        assert built.query(verified) == []
    built.execute("begin; lock table analytics.rejected_transactions in access exclusive mode")
    tests = dbt.start("test", "--exclude-resource-type", "unit_test")
    built.wait_for("select count(*) > 0 from pg_locks where not granted")
    other = Warehouse(built.conninfo)
    other.load([("late", *ACME, "1", "paid", DAY, None)])
    dbt("run", "--select", "stg_loads")
    other.connection.close()
    built.execute("rollback")
    tests.join()
    assert built.query(verified) == [(1,), (2,)]
    dbt(*CHECKED)
    assert built.query(verified) == [(1,), (2,), (3,)]
    assert built.query("select * from analytics.check_runs") == []
    dbt("run", "--full-refresh", "--select", "charges")
    assert built.query(verified) == []


@pytest.mark.slow
def test_a_test_verifies_loads_by_its_tag_whatever_its_name(built: Warehouse, dbt: Dbt, changed_project: Path) -> None:
    tests = changed_project / "tests"
    (tests / "conservation.sql").rename(tests / "every_row_is_followed.sql")
    properties = tests / "_tests.yml"
    properties.write_text(properties.read_text().replace("name: conservation", "name: every_row_is_followed"))

    statuses = dbt(*CHECKED, *dbt.elsewhere(changed_project / "target", changed_project))

    assert statuses["every_row_is_followed"] == "pass"
    assert built.query("select load_id from analytics.verified_loads order by 1") == [(1,), (2,)]


def test_an_unreadable_record_that_is_lost_on_its_way_is_found(built: Warehouse, dbt: Dbt) -> None:
    built.execute("delete from analytics.rejected_transactions where record is not null")

    with pytest.raises(DbtFailedError, match="conservation"):
        dbt("test", "--select", "conservation")


@pytest.mark.slow
def test_an_audit_finds_old_damage_that_a_build_does_not_look_for(built: Warehouse, dbt: Dbt, tmp_path: Path) -> None:
    dbt(*CHECKED)
    built.execute(
        "delete from analytics.rejected_transactions where row_number = 7;"
        " update analytics.charges set amount = amount + 0.01 where id = 'c2';"
        " update analytics.charges set updated_at = null where id = 'c3';"
        " update analytics.charges set company_id = 'berta' where id = 'c1';"
        " update analytics.charges set status = 'lost' where id = 'c3';"
        " delete from analytics.stg_transactions where charge_id = 'c4'"
    )
    dbt("test", "--exclude-resource-type", "unit_test")

    with pytest.raises(DbtFailedError) as failed:
        # Other variables make dbt read the project anew, and again without them.
        dbt(*AUDIT, *dbt.elsewhere(tmp_path))

    complaints = {line.split()[0] for line in str(failed.value).splitlines() if " fail: " in line}
    # c1 to c4: another company, amount, time and status, and no row at all.
    assert "charges_say_what_their_rows_say fail: Got 4 results" in str(failed.value)
    assert complaints == {
        # The rejected row is lost, and the charge without its row is made up.
        "conservation",
        "charges_say_what_their_rows_say",
        "every_load_is_complete",
        "relationships_charges_status__status__ref_charge_statuses_",
    }
