"""Either end of a connection notices that the other one is lost, and what users set themselves stays."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import DataLoader
from ingest.lock import LockHolder, LockWait
from tests.conftest import CHECKOUT, query
from tests.network import CLIENT, distant_warehouse
from tests.waiting import wait_until
from warehouse.connection import connected, transaction
from warehouse.errors import SettingsError
from warehouse.lost_peers import client_parameters
from warehouse.settings import Settings

HEADER = b"id,name,company_id,amount,status,created_at,paid_at\n"
# More than is read before the first row is sent.
ROWS = b"1,2,3,4,5,6,7\n" * 20_000

# COPY that waits for its client.
COPIES = "select count(*) from pg_stat_activity where state = 'active' and wait_event = 'ClientRead' and query ~ 'copy'"


@pytest.mark.parametrize(
    ("conninfo", "environment", "parameters"),
    [
        (
            "",
            {},
            {"keepalives_idle": 60, "keepalives_interval": 20, "keepalives_count": 3, "tcp_user_timeout": 120_000},
        ),
        (
            "host=db keepalives_idle=7",
            {"WAREHOUSE_TCP_TIMEOUT": "3"},
            {"keepalives_interval": 1, "keepalives_count": 3, "tcp_user_timeout": 3_000},
        ),
        (
            "postgresql://db/sales?tcp_user_timeout=0",
            {"WAREHOUSE_TCP_TIMEOUT": "1"},
            {"keepalives_idle": 1, "keepalives_interval": 1, "keepalives_count": 3},
        ),
        ("", {"WAREHOUSE_TCP_TIMEOUT": "0"}, {}),
        ("", {"PGSERVICE": "sales"}, {}),
        ("service=sales", {}, {}),
    ],
)
def test_a_client_leaves_what_its_user_sets(
    conninfo: str, environment: dict[str, str], parameters: dict[str, int]
) -> None:
    assert client_parameters(conninfo, Settings.from_environment(environment)) == parameters


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", "1000001", "٣"])
def test_a_time_that_is_no_number_is_one_line(value: str) -> None:
    with pytest.raises(SettingsError, match="WAREHOUSE_TCP_TIMEOUT is '.*': give whole seconds"):
        Settings.from_environment({"WAREHOUSE_TCP_TIMEOUT": value})


def test_a_server_leaves_what_its_owner_sets(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("client_connection_check_interval", "idle_in_transaction_session_timeout", "lock_timeout")
    shown = " union all ".join(f"select current_setting('{name}')" for name in names)

    def settings() -> tuple[list[str], list[str]]:
        with connected(database) as session:
            with transaction(session) as cursor:
                cursor.execute(shown)
                inside = [value for (value,) in cursor]
            with session.cursor() as cursor:
                cursor.execute(shown)
                return inside, [value for (value,) in cursor]

    assert settings() == (["1min", "1h", "0"], ["0", "0", "0"])
    monkeypatch.setenv("WAREHOUSE_TCP_TIMEOUT", "0")
    assert settings() == (["0", "0", "0"], ["0", "0", "0"])
    monkeypatch.setenv("WAREHOUSE_TCP_TIMEOUT", "6")
    monkeypatch.setenv("PGOPTIONS", "-c client_connection_check_interval=7s")
    assert settings() == (["7s", "1h", "0"], ["7s", "0", "0"])
    query(database, "alter role current_user set idle_in_transaction_session_timeout = '5min'; select")
    try:
        assert settings() == (["7s", "5min", "0"], ["7s", "5min", "0"])
    finally:
        query(database, "alter role current_user reset all; select")


@pytest.mark.slow
def test_a_pause_in_a_pipe_ends_no_load(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer than a busy machine leaves a transaction idle otherwise.
    monkeypatch.setenv("PGOPTIONS", "-c idle_in_transaction_session_timeout=5s")
    with loading() as loader:
        wait_until(lambda: query(database, f"{COPIES} and now() - query_start > '6s'") == [(1,)], "a long pause")
        loader.communicate(ROWS)
    assert loader.returncode == 0


@pytest.mark.slow
def test_whoever_waits_for_a_client_that_is_lost_waits_for_seconds(tmp_path: Path) -> None:
    file = tmp_path / "payments.csv"
    file.write_bytes(HEADER + b"8,2,3,4,5,6,7\n")
    with distant_warehouse() as (between, server, client):
        with loading(*client) as loader:
            wait_until(lambda: query(server.conninfo, COPIES) == [(1,)], "the client to pause")
            ((lost,),) = query(server.conninfo, COPIES.replace("count(*)", "pid"))
            between.cut()

            holders: list[LockHolder | None] = []

            def on_wait(wait: LockWait) -> None:
                holders.append(wait.holder)

            report = DataLoader(server.conninfo).load_csv_to_database(str(file), on_wait=on_wait)
            _, error = loader.communicate(ROWS * 10)

        assert report.rows_loaded == 1
        assert {(holder.pid, holder.address) for holder in holders if holder} == {(lost, CLIENT)}
        assert query(server.conninfo, "select id from raw.raw_transactions") == [("8",)]
        assert loader.returncode == 1
        assert re.fullmatch(
            r"Error: -: the load was interrupted and rolled back \(.*\)\. Run .* again\.\n", error.decode()
        )


# Reads a part, pauses for longer than a lost client is waited for, and reads the rest.
SLOW_READER = """
import io, time
from warehouse.connection import default_conninfo, snapshot

class Slow(io.RawIOBase):
    read = 0
    def write(self, block):
        self.read += len(block)
        if self.read == len(block):
            time.sleep(10)
        return len(block)

rows = Slow()
with snapshot(default_conninfo()) as cursor:
    cursor.copy_expert("copy (select repeat('x', 1000) from generate_series(1, 50000)) to stdout", rows)
print(rows.read)
"""


@pytest.mark.slow
def test_a_client_that_does_not_read_for_a_while_is_not_lost() -> None:
    with distant_warehouse() as (_, _, client):
        done = subprocess.run(
            [*client, sys.executable, "-c", SLOW_READER], cwd=CHECKOUT, capture_output=True, text=True
        )
    assert (done.stdout, done.stderr) == ("50050000\n", "")


@contextlib.contextmanager
def loading(*before: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A load of a pipe that has paused after its first rows."""
    loader = subprocess.Popen(
        [*before, sys.executable, "-m", "ingest", "load", "-"],
        cwd=CHECKOUT,
        env=dict(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert loader.stdin
    try:
        loader.stdin.write(HEADER + ROWS)
        loader.stdin.flush()
        yield loader
    finally:
        loader.kill()
        loader.communicate()
