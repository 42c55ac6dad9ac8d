"""Waits for another load: for whom, for how long, and who need not wait."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from ingest import DataLoader
from ingest.lock import INGEST_LOCK, LockHolder, LockWait
from ingest.render import lock_waits
from tests.conftest import CHECKOUT, query
from tests.ingest.program import run
from tests.waiting import wait_until

FILE = b"id,name,company_id,amount,status,created_at,paid_at\n1,2,3,4,5,6,7\n"


@contextlib.contextmanager
def holding_the_ingest_lock(database: str) -> Iterator[int]:
    """A session that holds the ingest lock; the value is its process."""
    other = psycopg2.connect(database, application_name="nightly")
    other.cursor().execute("select pg_advisory_xact_lock(%s)", (INGEST_LOCK,))
    try:
        yield other.info.backend_pid
    finally:
        other.close()


def test_a_loader_waits_for_another_and_says_for_which(database: str, tmp_path: Path) -> None:
    file = tmp_path / "payments.csv"
    file.write_bytes(FILE)
    command = [sys.executable, "-m", "ingest", "load", str(file)]
    with holding_the_ingest_lock(database) as process:
        ((role, since),) = query(
            database,
            f"select usename::text, xact_start from pg_stat_activity where pid = {process}",
        )
        loader = subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)
        said = loader.stderr.readline()  # type: ignore[union-attr]
        assert query(database, "select to_regclass('raw.loads')") == [(None,)]

    _, further = loader.communicate()
    assert said == (
        "Another load is running; waiting for it to finish: "
        f"process {process} (role {role}, nightly, since {since:%Y-%m-%d %H:%M:%S} UTC)\n"
    )
    assert (loader.returncode, further) == (0, "")
    assert query(database, "select id from raw.raw_transactions") == [("1",)]


def test_a_wait_goes_on_being_told_of_once_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = LockHolder(1, "loader", None, "10.0.0.7", None), LockHolder(2, None, None, None, None)
    say = lock_waits()
    for holder, seconds in ((first, 0), (first, 0.5), (None, 30), (first, 59), (first, 60), (first, 61), (second, 62)):
        say(LockWait(holder, seconds))
    waiting = "Another load is running; waiting for it to finish"
    assert capsys.readouterr().err.splitlines() == [
        f"{waiting}: process 1 (role loader, from 10.0.0.7)",
        f"{waiting} after 1 min: process 1 (role loader, from 10.0.0.7)",
        f"{waiting} after 1 min: process 2",
    ]


@pytest.mark.parametrize(
    ("command", "by_environment"),
    [
        (["load", "--lock-timeout", "0", "-"], ""),
        (["load", "-"], "0.2"),
        (["--lock-timeout", "0"], ""),
        (["remove", "--lock-timeout", "0", "1"], ""),
        (["migrate", "--lock-timeout", "0"], "60"),
    ],
)
def test_a_wait_has_a_limit(database: str, tmp_path: Path, command: list[str], by_environment: str) -> None:
    file = tmp_path / "payments.csv"
    file.write_bytes(FILE)
    with holding_the_ingest_lock(database) as process:
        done = run(*command, text="id\n", INGEST_INPUT=str(file), INGEST_LOCK_TIMEOUT=by_environment)

    assert done.returncode == 1
    assert re.fullmatch(
        "(Another load is running; .*\n)?"
        rf"Error: Another load was still running after 0(\.2)? s, .* process {process} \(.*\n",
        done.stderr,
    )
    assert query(database, "select to_regclass('raw.loads')") == [(None,)]


def test_a_limit_that_is_no_number_is_one_line(database: str) -> None:
    done = run("migrate", INGEST_LOCK_TIMEOUT="soon")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: INGEST_LOCK_TIMEOUT is 'soon': give seconds, such as 60, or unset it to wait without a limit.\n"
    )


def test_a_pipe_that_has_not_begun_keeps_nobody_waiting(database: str) -> None:
    command = [sys.executable, "-m", "ingest", "load", "-"]
    loader = subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    sessions = (
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and application_name = 'transactions-warehouse'"
    )
    wait_until(lambda: query(database, sessions) == [(1,)], "the loader to connect")

    assert DataLoader(database).migrate_raw_schema(lock_timeout=0)
    loader.communicate(FILE)
    assert loader.returncode == 0
    assert query(database, "select id from raw.raw_transactions") == [("1",)]
