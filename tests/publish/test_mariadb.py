"""Readers of MariaDB see what was published last or all of the new, whatever is killed."""

import contextlib
import functools
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest
import sqlalchemy as sa

from publish.databases import mysql
from publish.errors import OwnershipError, TargetError, TargetVersionError
from publish.publishing import publish
from publish.results import BUILT
from publish.target import parsed_url
from tests import killable
from tests.conftest import server_directory
from tests.dbt_project.warehouse import Warehouse
from tests.publish.mariadb import MariaDB
from tests.publish.marts import published
from tests.publish.targets import RELATIONS, MariaDBTarget
from tests.waiting import meanwhile, wait_until

pytestmark = pytest.mark.mariadb

ADD_COLUMN = "alter table analytics.charges add column currency varchar(3) not null default 'USD'"
CHANGE_ROWS = (
    "insert into analytics.companies"
    " select 'new', 'New', created_at, updated_at, 'new' from analytics.companies limit 1;"
    "update analytics.charges set company_id = 'new', amount = 1000 where status = 'paid';"
    "delete from analytics.charges where company_id = 'only-here';"
    "delete from analytics.companies where company_id = 'only-here'"
)


def change_of_view(old: str, new: str) -> str:
    return (
        "do $$ begin execute 'create or replace view analytics.daily_transaction_summary as '"
        " || replace(pg_get_viewdef('analytics.daily_transaction_summary'::regclass),"
        f" quote_literal('{old}'), quote_literal('{new}')); end $$"
    )


CHANGE_VIEW = change_of_view("refunded", "voided")

KILLED = 9

CHANGING = ("\n", "analyze", "commit", "create", "delete", "drop", "insert", "rename", "update")

State = dict[str, list[tuple[Any, ...]]]


def state(target: MariaDBTarget) -> State | None:
    """All that readers see; None before anything was published."""
    with contextlib.suppress(pymysql.err.ProgrammingError):
        return {relation: target.rows(relation) for relation in RELATIONS}
    assert not target.relations() & set(RELATIONS)
    return None


def publish_until(
    statement_number: int, pid: int | None, url: str, beginning: tuple[str, ...] = CHANGING, delay: float = 0
) -> None:
    """Publish, but kill a process when the target is sent the statement of this number, of those that change it.

    Args:
        statement_number: Number of the statement, 0 for the first.
        pid: The process; None for this one, which is killed before it sends the statement.
        url: URL of the target.
        beginning: How statements begin that count.
        delay: Seconds from then on.
    """
    sent = 0

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def _count(connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        nonlocal sent
        if connection.dialect.name in ("mysql", "mariadb") and statement.lower().startswith(beginning):
            if sent == statement_number:
                if delay:
                    threading.Timer(delay, os.kill, (pid, signal.SIGKILL)).start()
                else:
                    os.kill(pid or os.getpid(), signal.SIGKILL)
            sent += 1

    @sa.event.listens_for(sa.Engine, "commit")
    def _commit(connection: sa.Connection) -> None:
        _count(connection, None, "commit")

    with contextlib.suppress(TargetError):
        publish(parsed_url(url))
    sys.exit(KILLED if sent > statement_number else 0)


def exit_code_of(*arguments: Any) -> int | None:
    process = killable.start(publish_until, *arguments)
    process.join()
    return process.exitcode


SCENARIOS = pytest.mark.parametrize(
    ("published_before", "change"),
    [
        (False, "select 1"),
        (True, CHANGE_ROWS),
        (True, f"{ADD_COLUMN}; {CHANGE_ROWS}"),
        (True, f"{ADD_COLUMN}; {CHANGE_VIEW}; {CHANGE_ROWS}"),
    ],
    ids=["first", "rows", "tables", "view"],
)


@SCENARIOS
def test_a_kill_before_any_statement_loses_nothing(
    built: Warehouse, mariadb: MariaDB, published_before: bool, change: str
) -> None:
    reference = MariaDBTarget(mariadb)
    if published_before:
        reference.publish()
    before = state(reference)
    first = MariaDBTarget(mariadb)
    if published_before:
        first.publish()
    built.execute(change)
    reference.publish()
    after = state(reference)
    assert before != after
    number = 0
    targets = []
    while True:
        # Goes on where the last kill left off, which is one of the states that must be put right.
        target = MariaDBTarget(mariadb)
        targets.append(target)
        if published_before:
            _copy(first, target)
        code = exit_code_of(number, None, target.url)
        seen = state(target)
        assert seen in (before, after), number
        assert target.publish().tables.keys() == {"companies", "charges"}
        assert state(target) == after, number
        assert target.relations() == {*RELATIONS, "publication"}, number
        mariadb.query(f"drop database {target.database}")
        if code == 0:
            break
        assert code == -signal.SIGKILL
        number += 1
    assert number > 3
    for used in (reference, first):
        mariadb.query(f"drop database {used.database}")


def _copy(origin: MariaDBTarget, target: MariaDBTarget) -> None:
    """Copy what was published, as a dump and its restore would."""
    with origin.server.connection(target.database) as connection, connection.cursor() as cursor:
        cursor.execute("set names utf8mb4")
        for name in ("companies", "charges", "publication", "daily_transaction_summary"):
            cursor.execute(f"show create table {origin.database}.{name}")
            (row,) = cursor.fetchall()
            cursor.execute(row[1].replace(f"`{origin.database}`.", ""))
            if name != "daily_transaction_summary":
                cursor.execute(f"insert into {name} select * from {origin.database}.{name}")


@pytest.fixture
def own_mariadb() -> Iterator[MariaDB]:
    """A server to be killed."""
    with server_directory() as directory:
        server = MariaDB(directory)
        server.start()
        yield server
        server.stop()


@SCENARIOS
def test_a_kill_of_the_server_loses_nothing(
    built: Warehouse, own_mariadb: MariaDB, published_before: bool, change: str
) -> None:
    target = MariaDBTarget(own_mariadb)
    if published_before:
        target.publish()
    before = state(target)
    built.execute(change)
    after = {relation: published(built, relation) for relation in RELATIONS}
    number = 0
    # Goes on where the last kill left off, which is one of the states that must be put right.
    while exit_code_of(number, own_mariadb.pid, target.url) == KILLED:
        own_mariadb.kill()
        own_mariadb.start()
        assert state(target) in (before, after), number
        number += 1
    assert number > 3
    assert state(target) == after
    assert target.relations() == {*RELATIONS, "publication"}


def test_a_kill_of_the_server_while_it_renames_loses_nothing(built: Warehouse, own_mariadb: MariaDB) -> None:
    target = MariaDBTarget(own_mariadb)
    target.publish()
    there = f"{ADD_COLUMN}; {CHANGE_VIEW}"
    back = f"alter table analytics.charges drop column currency; {change_of_view('voided', 'refunded')}"
    for attempt in range(10):
        before = {relation: published(built, relation) for relation in RELATIONS}
        built.execute(back if attempt % 2 else there)
        after = {relation: published(built, relation) for relation in RELATIONS}
        # The first rename is that of the tables, the second that of the view.
        code = exit_code_of(attempt // 5, own_mariadb.pid, target.url, ("rename",), 0.0005 * 2 ** (attempt % 5))
        assert code == KILLED
        own_mariadb.kill()
        own_mariadb.start()
        assert state(target) in (before, after), attempt
        target.publish()
        assert state(target) == after
        assert target.relations() == {*RELATIONS, "publication"}


@contextlib.contextmanager
def reader(target: MariaDBTarget) -> Iterator[set[str]]:
    """Read the view and the charges all the time; what was read, or how reading failed."""
    seen: set[str] = set()
    with target.server.connection(target.database) as connection, connection.cursor() as cursor:

        def read() -> None:
            for relation in ("daily_transaction_summary", "charges"):
                try:
                    cursor.execute(f"select * from {relation}")
                    seen.add(f"{relation} {sorted(cursor.fetchall(), key=repr)}")
                except pymysql.err.Error as error:
                    seen.add(f"{relation}: {error}")

        with meanwhile(read):
            yield seen


def test_readers_never_miss_the_view(built: Warehouse, mariadb_target: MariaDBTarget) -> None:
    mariadb_target.publish()
    expected: set[str] = set()
    with reader(mariadb_target) as seen:
        for change in (None, CHANGE_ROWS, ADD_COLUMN, "alter table analytics.charges drop column currency", ADD_COLUMN):
            if change:
                built.execute(change)
                mariadb_target.publish()
            published = state(mariadb_target)
            assert published
            newest = {f"{relation} {published[relation]}" for relation in ("daily_transaction_summary", "charges")}
            wait_until(functools.partial(newest.issubset, seen), "the reader to see what was published")
            expected |= newest
    assert seen == expected


def test_a_foreign_key_of_somebody_else_is_named(built: Warehouse, mariadb_target: MariaDBTarget) -> None:
    mariadb_target.publish()
    mariadb_target.query(
        "create table budgets (company_id varchar(24) character set utf8mb4 collate utf8mb4_nopad_bin primary key,"
        " foreign key (company_id) references companies (company_id))"
    )
    built.execute(ADD_COLUMN)

    with pytest.raises(OwnershipError, match="'budgets' refers to a published table"):
        mariadb_target.publish()

    mariadb_target.query("drop table budgets")
    assert mariadb_target.publish().status == BUILT


def test_grants_outlive_a_change_of_the_contract(built: Warehouse, mariadb_target: MariaDBTarget) -> None:
    mariadb_target.publish()
    database = mariadb_target.database
    mariadb_target.query("create user reader identified by 'secret'")
    try:
        mariadb_target.query(f"grant select on {database}.daily_transaction_summary to reader")
        built.execute(ADD_COLUMN)
        mariadb_target.publish()
        url = f"mysql+pymysql://reader:secret@/{database}?unix_socket={mariadb_target.server.socket}"
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.execute(sa.text("select count(*) from daily_transaction_summary")).scalar_one() > 0
            with pytest.raises(sa.exc.OperationalError, match="denied"):
                connection.execute(sa.text("select count(*) from charges"))
    finally:
        mariadb_target.query("drop user reader")


@contextlib.contextmanager
def suspended(server: MariaDB) -> Iterator[None]:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


def test_a_server_that_never_answers_is_one_line(
    built: Warehouse, mariadb: MariaDB, mariadb_target: MariaDBTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql, "_ANSWER_SECONDS", 1)
    with suspended(mariadb), pytest.raises(TargetError, match=r"^No connection to .*\(timed out\)"):
        mariadb_target.publish()

    with contextlib.ExitStack() as stack:

        @sa.event.listens_for(sa.Engine, "before_cursor_execute")
        def _suspend(connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
            if connection.dialect.name in ("mysql", "mariadb") and statement.startswith("INSERT INTO charges__next"):
                stack.enter_context(suspended(mariadb))

        stack.callback(sa.event.remove, sa.Engine, "before_cursor_execute", _suspend)
        with pytest.raises(TargetError, match=r"^The connection to the target was lost .*timed out.*Run the same"):
            mariadb_target.publish()

    assert mariadb_target.publish().status == BUILT


@pytest.mark.parametrize("password", ["wrong", None])
def test_refused_credentials_are_one_line(mariadb: MariaDB, password: str | None) -> None:
    url = sa.URL.create(
        "mysql+pymysql", "nobody", password, database="x", query={"unix_socket": str(mariadb.socket)}
    ).render_as_string(hide_password=False)

    with pytest.raises(TargetError, match="Access denied for user 'nobody'@'localhost'") as failure:
        publish(parsed_url(url))

    assert "wrong" not in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_server_that_is_too_old_is_one_line(
    built: Warehouse, mariadb_target: MariaDBTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql, "_MINIMUM_MARIADB", (99, 1))

    with pytest.raises(TargetVersionError, match=r"The target is MariaDB 1.*, but MariaDB 99\.1 or newer is needed"):
        mariadb_target.publish()
    assert mariadb_target.relations() == set()
