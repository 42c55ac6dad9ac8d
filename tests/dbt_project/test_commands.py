"""dbt's own commands do what its users expect, from both directories and in a schema where nothing is built yet."""

from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

from tests.conftest import administer
from tests.dbt_project.conftest import ACME
from tests.dbt_project.warehouse import CHECKED, CHECKOUT, DATABASE, PROJECT, TABLES, Dbt, DbtFailedError, Warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.settings import socket_directory

DAY = "2019-05-16"

GOOD_ROWS = [(f"good-{number}", *ACME, "1", "paid", DAY, None) for number in range(6)]
BAD_ROWS = [(None, *ACME, "1", "paid", DAY, None) for _ in range(6)]


@pytest.mark.slow
def test_commands_work_where_nothing_is_built(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load(GOOD_ROWS)
    for command in ("compile", "docs generate", "seed", "run", "test"):
        dbt(command)

    assert warehouse.published() == warehouse.expected()


@pytest.mark.slow
def test_an_empty_build_makes_the_tables_that_unit_tests_want(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load(GOOD_ROWS)
    dbt("build", "--empty")
    assert warehouse.query("select count(*) from analytics.charges") == [(0,)]
    dbt("test", "--select", "test_type:unit")

    dbt(*CHECKED)

    assert warehouse.published() == warehouse.expected()


@pytest.mark.parametrize(
    ("directory", "options"),
    [
        (CHECKOUT, ("--project-dir", "dbt_project")),
        (CHECKOUT, ("--project-dir", "dbt_project", "--profiles-dir", ".")),
        (CHECKOUT, ("--project-dir", "dbt_project", "--profiles-dir", "dbt_project/")),
        (CHECKOUT, ("--project-dir", str(PROJECT), "--profiles-dir", str(CHECKOUT))),
        (PROJECT, ()),
        (PROJECT, ("--profiles-dir", "..")),
        (PROJECT, ("--profiles-dir", "../")),
        (PROJECT, ("--profiles-dir", f"{PROJECT}/..")),
        (PROJECT / "models", ("--project-dir", "..", "--profiles-dir", "..")),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else part.name,
)
def test_the_embedded_server_is_found_from_anywhere(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    directory: Path,
    options: tuple[str, ...],
) -> None:
    monkeypatch.delenv("PGHOST", raising=False)
    monkeypatch.delenv("PGDATABASE", raising=False)
    monkeypatch.setenv("PWD", str(directory))
    monkeypatch.chdir(directory)
    dbtRunner().invoke(["debug", "--log-path", str(tmp_path), "--log-level-file", "none", *options])
    assert f"host: {socket_directory()}\n" in capsys.readouterr().out


@pytest.mark.slow
def test_a_developer_builds_in_a_schema_of_her_own(
    built: Warehouse, dbt: Dbt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBT_SCHEMA", raising=False)
    monkeypatch.setenv("USER", "ann")
    built.load(GOOD_ROWS)
    before = built.published()

    # Another target makes dbt read the project anew, and again without it.
    dbt("build", "--target", "dev", "--exclude-resource-type", "unit_test", *dbt.elsewhere(tmp_path))

    assert built.published() == before
    assert built.query("select count(*) from dbt_ann.charges") == [(len(before.charges) + len(GOOD_ROWS),)]


def test_a_model_that_says_nothing_is_a_view(built: Warehouse, dbt: Dbt, changed_project: Path) -> None:
    (changed_project / "models" / "intermediate" / "numbers.sql").write_text("select generate_series(1, 10) as number")
    options = dbt.elsewhere(changed_project / "target", changed_project)
    for refresh in ((), (), ("--full-refresh",)):
        dbt("run", "--select", "numbers", *refresh, *options)
        assert built.query("select count(*) from analytics.numbers") == [(10,)]


@pytest.mark.slow
def test_a_load_that_a_test_refuses_is_not_published_by_a_build_of_some_models(built: Warehouse, dbt: Dbt) -> None:
    before = built.published()
    refused = built.load(BAD_ROWS)
    with pytest.raises(DbtFailedError, match="reject_ratio"):
        dbt(*CHECKED)
    for selection in ("charges+", "rejected_transactions", "companies"):
        with pytest.raises(DbtFailedError, match=r"reject_ratio has refused .* `dbt build --exclude reject_ratio`"):
            dbt("build", "--select", selection)
    assert built.published() == before

    dbt(*CHECKED, "--exclude", "reject_ratio")

    assert built.published() == built.expected()
    built.remove(refused)
    dbt(*CHECKED)
    dbt("run", "--select", "charges")
    assert built.published() == before


@pytest.mark.slow
def test_the_bands_of_the_reject_ratio_hold_for_small_files(built: Warehouse, dbt: Dbt) -> None:
    dbt(*CHECKED)
    # Each file is looked at by itself, whatever the one before was.
    for bad, status in ((3, "warn"), (0, "pass"), (1, "warn")):
        built.load([*GOOD_ROWS[bad:], *BAD_ROWS[:bad]])
        assert dbt(*CHECKED)["reject_ratio"] == status, bad


def test_a_database_that_is_not_utf_8_is_refused(
    server: EmbeddedServer, dbt: Dbt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    administer(server, "create database latin1 encoding 'LATIN1' locale 'C' template template0")
    monkeypatch.setenv("PGHOST", str(server.socket))
    monkeypatch.setenv("PGDATABASE", "latin1")
    with pytest.raises(DbtFailedError, match="database latin1 has the encoding LATIN1, but the models need UTF8"):
        dbt("build", *dbt.elsewhere(tmp_path))
    administer(server, "drop database latin1 with (force)")


@pytest.mark.slow
def test_one_id_in_every_row_takes_no_longer_than_other_rows(
    warehouse: Warehouse, dbt: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each row with each would be 1,600 million pairs. The limit is far beyond what a statement needs.
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=60s")
    warehouse.load([("0", *ACME, str(number), "paid", DAY, None) for number in range(40_000)])
    dbt(*CHECKED)
    warehouse.load([("0", *ACME, str(number), "paid", DAY, None) for number in range(40_000)])
    warehouse.load([("1", "Acme", None, "many", "paid", DAY, None)] * 20_000)

    dbt(*CHECKED, "--exclude", "reject_ratio")

    assert warehouse.query("select id, amount from analytics.charges") == [("0", 39_999)]
    assert warehouse.query("select count(*) from analytics.superseded_transactions") == [(79_999,)]


@pytest.mark.slow
def test_many_ids_that_come_twice_take_no_longer_than_others(
    warehouse: Warehouse, dbt: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With so little memory PostgreSQL decides for 40,000 ids as it does for ten million with more.
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=60s -c work_mem=64kB")
    warehouse.load([(str(number % 40_000), *ACME, str(number), "paid", DAY, None) for number in range(80_000)])

    dbt(*CHECKED)

    assert warehouse.query("select count(*), min(amount) from analytics.charges") == [(40_000, 40_000)]


@pytest.mark.slow
def test_two_builds_at_once_both_succeed(built: Warehouse, dbt: Dbt) -> None:
    for view in ("daily_transaction_summary", "superseded_transactions", "int_resolved_transactions"):
        built.execute(
            "do $$ begin execute format('create or replace view analytics.%1$s as select * from (%2$s) as view_of_it',"
            f" '{view}', rtrim(pg_get_viewdef('analytics.{view}'::regclass), ';')); end $$"
        )
    built.load(GOOD_ROWS)
    lock = f"""hashtextextended('"{DATABASE}"."analytics"."daily_transaction_summary"', 0)"""
    built.execute(f"select pg_advisory_lock({lock})")
    builds = [dbt.start(*TABLES), dbt.start(*TABLES)]
    built.wait_for("select count(*) = 2 from pg_locks where locktype = 'advisory' and not granted")
    built.execute(f"select pg_advisory_unlock({lock})")
    for build in builds:
        build.join()

    assert [build.exitcode for build in builds] == [0, 0]
    assert built.published() == built.expected()


def test_ids_of_decimal_digits_are_no_digests(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load([(f"{number:032}", *ACME, "1", "paid", DAY, None) for number in range(1, 7)])
    dbt(*CHECKED)
    assert len(warehouse.published().charges) == 6
    assert warehouse.published() == warehouse.expected()


@pytest.mark.slow
def test_a_day_of_the_summary_begins_when_the_business_says(built: Warehouse, dbt: Dbt, tmp_path: Path) -> None:
    built.load(
        [
            ("late", *ACME, "1", "paid", "2019-06-02T04:59:59Z", None),
            ("early", *ACME, "2", "paid", "2019-06-02T05:00:00Z", None),
        ]
    )
    options = ("--vars", "business_time_zone: America/Mexico_City", *dbt.elsewhere(tmp_path))
    days = (
        "select transaction_date::text, total_amount from analytics.daily_transaction_summary"
        " where transaction_date > '2019-05-31' order by 1"
    )
    dbt(*TABLES)
    assert built.query(days) == [("2019-06-02", 3)]

    dbt(*CHECKED, *options)

    assert built.query(days) == [("2019-06-01", 1), ("2019-06-02", 2)]
    # The load arrived in the night that began the day before there.
    assert built.query("select time_zone, last_complete_day::text from analytics.business_day") == [
        ("America/Mexico_City", "2024-01-01")
    ]
    built.execute("set enable_seqscan = off; set enable_bitmapscan = off")
    plan = "\n".join(line for (line,) in built.query(f"explain {days}"))
    assert "Index Only Scan using charges_by_day_" in plan
    indexes = "select count(*) from pg_indexes where tablename = 'charges' and indexname ~ '_day_'"
    assert built.query(indexes) == [(2,)]
    with pytest.raises(DbtFailedError, match="business_time_zone is 'Mexico', which is not a time zone"):
        dbt("run", "--vars", "business_time_zone: Mexico", *dbt.elsewhere(tmp_path))


@pytest.mark.slow
def test_a_charge_says_when_it_last_changed(built: Warehouse, dbt: Dbt) -> None:
    changed = "select id from analytics.charges where changed_at > (select min(changed_at) from analytics.charges)"
    assert built.query(changed) == []
    built.load([("c1", *ACME, "5", "paid", DAY, None), ("c2", *ACME, "100", "refunded", "2019-02-27", "2019-03-01")])
    dbt(*TABLES)
    # c2 comes from another row now, which says the same.
    assert built.query(f"{changed} order by id") == [("c1",), ("c2",)]
    dbt(*TABLES, "--full-refresh")
    assert built.query(f"{changed} order by id") == [("c1",), ("c2",)]
