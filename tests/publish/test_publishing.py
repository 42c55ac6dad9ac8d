"""The same rows, keys and view on every database, whatever changes on either side."""

import contextlib
import sqlite3
import threading

import pytest
import sqlalchemy as sa

from publish.errors import ContractError, OwnershipError, PublishError, ReadError, TargetError
from publish.results import BUILT, UNCHANGED, UPDATED, PublishedTable
from publish.source import snapshot
from tests.dbt_project.warehouse import Warehouse
from tests.publish.marts import add_hostile_rows, published
from tests.publish.targets import RELATIONS, PostgreSQLTarget, SQLiteTarget, Target
from tests.waiting import PATIENCE_SECONDS, wait_until


@pytest.fixture(autouse=True)
def pages_of_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test has the thousands of rows of a page."""
    monkeypatch.setattr("publish.rows._PAGE", 3)
    monkeypatch.setattr("publish.rows._DELETED_AT_ONCE", 1)


def assert_equal(target: Target, warehouse: Warehouse) -> None:
    for relation in RELATIONS:
        assert target.rows(relation) == published(warehouse, relation)


def test_every_row_is_equal_and_the_next_publish_writes_nothing(built: Warehouse, target: Target) -> None:
    add_hostile_rows(built)

    report = target.publish()

    assert report.status == BUILT
    counts = {name: PublishedTable(len(published(built, name)), len(published(built, name))) for name in RELATIONS[:2]}
    assert report.tables == counts
    assert_equal(target, built)
    assert target.relations() == {*RELATIONS, "publication"}

    record = target.query("select * from publication order by name")
    before = target.file.read_bytes() if isinstance(target, SQLiteTarget) else None
    again = target.publish()

    assert again.status == UNCHANGED
    assert not any(table.written for table in again.tables.values())
    assert target.query("select * from publication order by name") == record
    assert before is None or (isinstance(target, SQLiteTarget) and target.file.read_bytes() == before)


def test_what_changes_in_the_warehouse_is_all_that_is_written(built: Warehouse, target: Target) -> None:
    add_hostile_rows(built)
    target.publish()
    for statement in (
        "update analytics.charges set amount = amount + 0.01 where id in ('c1', 'A1')",
        "update analytics.charges set updated_at = null where id = 'a1'",
        "insert into analytics.companies select 'new', 'New', created_at, updated_at, 'new' from analytics.companies"
        " limit 1",
        "update analytics.charges set company_id = 'new' where id = 'c2'",
        "delete from analytics.charges where company_id in ('A1 ', '0x41')",
        "delete from analytics.companies where company_id in ('A1 ', '0x41')",
        "update analytics.companies set company_name = 'a1 ' where company_id = 'a1'",
    ):
        built.execute(statement)

    report = target.publish()

    assert report.status == UPDATED
    assert report.tables["companies"] == PublishedTable(len(published(built, "companies")), 1, 1, 2)
    assert report.tables["charges"] == PublishedTable(len(published(built, "charges")), 0, 4, 2)
    assert_equal(target, built)


def test_what_was_changed_on_the_target_is_put_right(built: Warehouse, target: Target) -> None:
    target.publish()
    for statement in (
        "update charges set amount = 12345.67 where id = 'c1'",
        "delete from charges where id = 'c2'",
        "insert into companies values ('ours', 'Ours', '2024-01-01', '2024-01-01', 'x')",
        "insert into charges select 'ours', 'ours', amount, status, created_at, updated_at, source_id, load_id, 1,"
        " changed_at from charges where id = 'c1'",
    ):
        target.query(statement)

    report = target.publish()

    assert report.tables["charges"] == PublishedTable(len(published(built, "charges")), 1, 1, 1)
    assert report.tables["companies"].deleted == 1
    assert_equal(target, built)


def recreate_view(warehouse: Warehouse, change: str, old: str = "", new: str = "") -> None:
    """Change the marts while the view is not in the way, and perhaps the view too."""
    ((definition,),) = warehouse.query("select pg_get_viewdef('analytics.daily_transaction_summary'::regclass)")
    assert old in definition
    if old:
        definition = definition.replace(old, new)
    warehouse.execute(
        f"drop view analytics.daily_transaction_summary cascade; {change};"
        f"create view analytics.daily_transaction_summary as {definition}"
    )


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        ("alter table analytics.charges add column currency varchar(3) not null default 'USD'", "", ""),
        pytest.param(
            "alter table analytics.companies alter column company_name type varchar(200)",
            "",
            "",
            marks=pytest.mark.slow,
        ),
        pytest.param("alter table analytics.charges add check (load_id > -5)", "", "", marks=pytest.mark.slow),
        ("", "'refunded'", "'100 %'"),
    ],
    ids=["column", "type", "check", "view"],
)
def test_a_contract_that_has_changed_is_published_anew(
    built: Warehouse, target: Target, change: str, old: str, new: str
) -> None:
    # As PostgreSQL says it of a view that was made from what it says.
    recreate_view(built, "select 1")
    target.publish()
    recreate_view(built, change or "select 1", old, new)

    assert target.publish().status == BUILT
    assert_equal(target, built)
    assert target.relations() == {*RELATIONS, "publication"}
    assert target.publish().status == UNCHANGED


def test_what_somebody_dropped_is_published_anew(built: Warehouse, target: Target) -> None:
    target.publish()
    target.query("drop view daily_transaction_summary")

    assert target.publish().status == BUILT
    assert_equal(target, built)


def test_what_depends_on_a_table_of_postgresql_is_named(built: Warehouse, postgresql_target: PostgreSQLTarget) -> None:
    postgresql_target.publish()
    postgresql_target.query("create view theirs as select count(*) from charges")
    postgresql_target.query("alter table charges drop column changed_at cascade")

    with pytest.raises(TargetError, match=r"other objects depend on it \(.*view theirs depends on table charges"):
        postgresql_target.publish()

    postgresql_target.query("drop view theirs")
    assert postgresql_target.publish().status == BUILT


def test_a_primary_key_that_somebody_dropped_is_published_anew(built: Warehouse, target: Target) -> None:
    target.publish()
    target.drop_primary_key("charges")
    built.execute("update analytics.charges set amount = amount + 1 where id = (select min(id) from analytics.charges)")

    assert target.publish().status == BUILT
    assert_equal(target, built)
    assert target.publish().status == UNCHANGED


def test_the_keys_of_the_marts_keep_bad_rows_out(built: Warehouse, target: Target) -> None:
    target.publish()
    row = (
        "select {}, company_id, amount, status, created_at, updated_at, source_id, load_id, 1, changed_at from charges"
    )
    for statement in (
        "insert into companies select company_id, 'Again', created_at, updated_at, source_id from companies",
        "update companies set company_name = ''",
        "update companies set source_id = null",
        "update charges set amount = -0.01",
        "update charges set company_id = 'nobody'",
        "update charges set status = null",
        f"insert into charges {row.format('id')}",
        "delete from companies",
    ):
        with pytest.raises(Exception, match="(?i)constraint|null|duplicate|foreign"):
            target.query(statement)
    assert_equal(target, built)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("create table charges (mine int)", "charges"),
        pytest.param(
            "create view daily_transaction_summary as select 1 as mine",
            "daily_transaction_summary",
            marks=pytest.mark.slow,
        ),
        ("create table publication (mine int)", "publication"),
        pytest.param("create table companies__next (mine int)", "companies__next", marks=pytest.mark.slow),
    ],
)
def test_tables_of_others_are_left_alone(built: Warehouse, target: Target, statement: str, name: str) -> None:
    target.query(statement)

    with pytest.raises(OwnershipError, match=f"'{name}' that was not published from here, and it was left alone"):
        target.publish()

    assert target.query(f"select mine from {name}") in ([], [(1,)])
    assert target.relations() <= {name, "publication"}


def test_two_at_once_wait_for_each_other(built: Warehouse, target: Target) -> None:
    waits = threading.Event()
    statuses: list[str] = []
    with target.locked():
        thread = threading.Thread(target=lambda: statuses.append(target.publish(on_wait=waits.set).status))
        thread.start()
        assert waits.wait(PATIENCE_SECONDS)
        assert not statuses
    thread.join()
    assert statuses == [BUILT]


def test_a_reader_of_a_file_is_waited_for(built: Warehouse, sqlite_target: SQLiteTarget) -> None:
    sqlite_target.publish()
    built.execute("update analytics.charges set amount = 4711 where id = 'c1'")
    statuses: list[str] = []

    def is_about_to_change() -> bool:
        # No reader begins any more.
        with contextlib.closing(sqlite3.connect(sqlite_target.file, timeout=0)) as other:
            try:
                other.execute("select * from charges").fetchone()
            except sqlite3.OperationalError:
                return True
        return not thread.is_alive()

    with contextlib.closing(sqlite3.connect(sqlite_target.file)) as reader:
        rows = reader.execute("select * from charges")
        rows.fetchone()
        thread = threading.Thread(target=lambda: statuses.append(sqlite_target.publish().status))
        thread.start()
        wait_until(is_about_to_change, "the commit to wait for the reader")
        rows.close()
    thread.join()
    assert statuses == [UPDATED]
    assert_equal(sqlite_target, built)


def test_a_row_that_the_target_refuses_changes_nothing(built: Warehouse, target: Target) -> None:
    target.publish()
    before = [target.rows(relation) for relation in RELATIONS]
    refusal = {
        "sqlite": "create trigger no before insert on charges begin select raise(abort, 'refused'); end",
        "postgresql": "alter table charges add check (amount <> 4711)",
        "mariadb": "alter table charges add check (amount <> 4711)",
    }
    target.query(refusal[target.kind])
    built.execute("update analytics.companies set company_name = 'Changed'")
    built.execute("update analytics.charges set amount = 4711, source_id = 'secret' where id = 'c1'")

    with pytest.raises(TargetError, match="its readers still see what was published last") as failure:
        target.publish()

    assert "secret" not in str(failure.value)
    assert "4711" not in str(failure.value)
    assert [target.rows(relation) for relation in RELATIONS] == before


def test_a_total_that_the_view_cannot_hold_is_refused(built: Warehouse, target: Target) -> None:
    # In a schema of its own, since other models depend on the type of the real one.
    for statement in (
        "create schema totals",
        "create table totals.companies (like analytics.companies including all)",
        "create table totals.charges (like analytics.charges including all)",
        "alter table totals.charges alter column amount type numeric(40, 2)",
        "alter table totals.charges add foreign key (company_id) references totals.companies (company_id)",
        "insert into totals.companies select * from analytics.companies",
        "insert into totals.charges select * from analytics.charges",
        "create view totals.daily_transaction_summary as select cast(created_at as date) as transaction_date,"
        " cast(sum(amount) as numeric(38, 2)) as total_amount from totals.charges group by 1",
    ):
        built.execute(statement)
    target.publish("totals")
    before = [target.rows(relation) for relation in RELATIONS]
    built.execute("update totals.charges set amount = 1e36 where id = 'c1'")

    with pytest.raises((ReadError, ContractError), match="numeric field overflow|SQLite has no decimals"):
        target.publish("totals")

    assert [target.rows(relation) for relation in RELATIONS] == before


def test_a_day_of_another_time_zone_is_for_postgresql_alone(built: Warehouse, target: Target) -> None:
    ((definition,),) = built.query("select pg_get_viewdef('analytics.daily_transaction_summary'::regclass)")
    local_day = "(charges.created_at at time zone 'utc' at time zone 'America/Mexico_City')::date"
    assert "(charges.created_at)::date" in definition
    built.execute(
        "create or replace view analytics.daily_transaction_summary as "
        + definition.replace("(charges.created_at)::date", local_day)
    )
    if target.kind == "postgresql":
        target.publish()
        assert_equal(target, built)
    else:
        with pytest.raises(ContractError, match="AT TIME ZONE.*publish to PostgreSQL"):
            target.publish()
        assert target.relations() <= {"publication"}


def test_marts_that_are_not_there_are_one_line(built: Warehouse, target: Target) -> None:
    with pytest.raises(PublishError, match="The schema dbt_me lacks some of the marts: build them"):
        target.publish("dbt_me")


MARTS_ELSEWHERE = (
    "create schema elsewhere",
    "create table elsewhere.companies (like analytics.companies including all)",
    "create table elsewhere.charges (like analytics.charges including all)",
    "create view elsewhere.daily_transaction_summary as select id from elsewhere.charges",
)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            "drop table elsewhere.companies; create view elsewhere.companies as select * from analytics.companies",
            r"elsewhere\.companies is not a table",
        ),
        (
            "drop view elsewhere.daily_transaction_summary; create table elsewhere.daily_transaction_summary (n int)",
            r"elsewhere\.daily_transaction_summary is not a view",
        ),
        (
            "alter table elsewhere.charges add foreign key (company_id) references analytics.companies",
            r"A foreign key refers to analytics\.companies, which is not published",
        ),
    ],
)
def test_what_are_no_marts_is_one_line(built: Warehouse, sqlite_target: SQLiteTarget, change: str, says: str) -> None:
    for statement in (*MARTS_ELSEWHERE, change):
        built.execute(statement)

    with pytest.raises(ContractError, match=says):
        sqlite_target.publish("elsewhere")


def test_the_marts_of_another_schema_are_published(built: Warehouse, target: Target) -> None:
    built.execute('alter schema analytics rename to "dbt_an"" %s"')

    assert target.publish('dbt_an" %s').status == BUILT
    assert target.rows("charges") == sorted(built.query('select * from "dbt_an"" %s".charges'), key=repr)


def test_grants_on_postgresql_outlive_a_change_of_the_contract(
    built: Warehouse, postgresql_target: PostgreSQLTarget
) -> None:
    postgresql_target.publish()
    postgresql_target.query('create role "the reader"')
    try:
        postgresql_target.query('grant select on charges to "the reader" with grant option')
        postgresql_target.query("grant select on daily_transaction_summary to public")
        built.execute("alter table analytics.charges add column currency varchar(3)")
        granted = (
            "select relname, relacl::text from pg_class where relacl is not null"
            " and relnamespace = 'public'::regnamespace order by 1"
        )
        before = postgresql_target.query(granted)

        assert postgresql_target.publish().status == BUILT

        assert len(before) == 2
        assert postgresql_target.query(granted) == before
    finally:
        postgresql_target.query('drop owned by "the reader"')
        postgresql_target.query('drop role "the reader"')


def test_the_server_notices_that_a_publish_is_lost(built: Warehouse) -> None:
    # Its locks would keep builds from replacing the view.
    with snapshot(built.conninfo, "analytics", RELATIONS) as source:
        assert source.connection.scalar(sa.text("show client_connection_check_interval")) == "1min"
