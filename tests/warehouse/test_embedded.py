"""The embedded server: it starts from nothing, comes back after a kill, and lets nobody else in."""

import os
import pwd
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import psycopg2
import pytest

from tests.conftest import CHECKOUT, administer, query, server_directory
from tests.waiting import PATIENCE_SECONDS
from warehouse.embedded import EmbeddedServer, server_account
from warehouse.errors import EmbeddedServerError
from warehouse.settings import socket_directory


@pytest.fixture
def own() -> Iterator[EmbeddedServer]:
    """A server that a test may kill, not started yet."""
    with server_directory() as directory:
        server = EmbeddedServer(directory / "home", directory / "socket", server_account())
        try:
            yield server
        finally:
            server.stop()


def process_of(server: EmbeddedServer) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def test_it_comes_back_after_a_kill_with_what_was_committed(own: EmbeddedServer) -> None:
    own.start()
    query(own.conninfo, "create table kept as select 1 as one; select 1")
    os.kill(process_of(own), signal.SIGKILL)
    own.start()

    assert query(own.conninfo, "select one from kept") == [(1,)]


@pytest.mark.slow
def test_it_starts_although_its_old_number_is_another_process(own: EmbeddedServer) -> None:
    own.start()
    os.kill(process_of(own), signal.SIGKILL)
    own.start()
    process_file = own.data / "postmaster.pid"
    lines = process_file.read_text().splitlines()
    own.stop()
    # As after a reboot: the file is there, and the number in it belongs to somebody else.
    process_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    own.start()

    assert query(own.conninfo, "select 1") == [(1,)]


@pytest.mark.slow
def test_it_goes_on_where_it_was_moved_to(own: EmbeddedServer) -> None:
    own.start()
    query(own.conninfo, "create table kept as select 1 as one; select 1")
    moved = EmbeddedServer(own.home.with_name("moved"), own.socket.with_name("other"), own.account)
    own.home.rename(moved.home)
    moved.start()
    try:
        assert query(moved.conninfo, "select one from kept") == [(1,)]
    finally:
        moved.stop()


@pytest.mark.slow
def test_a_copy_of_a_running_one_is_refused_and_leaves_it_alone(own: EmbeddedServer) -> None:
    own.start()
    copy = EmbeddedServer(own.home.with_name("copy"), own.socket.with_name("other"), own.account)
    subprocess.run(["cp", "-a", own.home, copy.home], check=True)

    with pytest.raises(EmbeddedServerError, match=r"copy was copied while its PostgreSQL was running in .*/home, so"):
        copy.start()
    assert copy.stop() is False
    copy.remove()
    assert query(own.conninfo, "select 1") == [(1,)]

    # Once the original is stopped, a copy is whole.
    own.stop()
    subprocess.run(["cp", "-a", own.home, copy.home], check=True)
    own.start()
    copy.start()
    try:
        assert query(copy.conninfo, "select 1") == [(1,)]
        assert query(own.conninfo, "select 1") == [(1,)]
    finally:
        copy.stop()


def test_an_interrupted_set_up_is_begun_again(own: EmbeddedServer) -> None:
    (own.home / "data.new" / "base").mkdir(parents=True)
    own.home.chmod(0o711)
    own.start()

    assert query(own.conninfo, "select 1") == [(1,)]


def test_two_at_once_start_one(own: EmbeddedServer) -> None:
    script = (
        "import sys; from pathlib import Path; from warehouse.embedded import EmbeddedServer, server_account;"
        "EmbeddedServer(Path(sys.argv[1]), Path(sys.argv[2]), server_account()).start()"
    )
    command = [sys.executable, "-c", script, str(own.home), str(own.socket)]
    starters = [subprocess.Popen(command, cwd=CHECKOUT) for _ in range(3)]

    assert [starter.wait(PATIENCE_SECONDS) for starter in starters] == [0, 0, 0]
    assert query(own.conninfo, "select 1") == [(1,)]


@dataclass(frozen=True)
class SmallServer(EmbeddedServer):
    """A server that has few connections."""

    settings: ClassVar = MappingProxyType(
        {**EmbeddedServer.settings, "max_connections": "2", "superuser_reserved_connections": "0"}
    )


def test_one_without_a_free_connection_is_left_alone(own: EmbeddedServer) -> None:
    small = SmallServer(own.home, own.socket, own.account)
    small.start()
    working = [psycopg2.connect(small.conninfo) for _ in range(2)]
    try:
        with pytest.raises(EmbeddedServerError, match="is running and takes no connection: .*too many clients"):
            small.start()
        for connection in working:
            connection.cursor().execute("select 1")
    finally:
        for connection in working:
            connection.close()


def test_a_set_up_that_ended_before_the_database_was_made_goes_on(own: EmbeddedServer) -> None:
    own.start()
    process = process_of(own)
    administer(own, "drop database warehouse with (force)")
    own.start()

    assert query(own.conninfo, "select 1") == [(1,)]
    assert process_of(own) == process


def test_only_its_own_account_and_root_can_reach_it(own: EmbeddedServer) -> None:
    own.start()

    assert stat.S_IMODE(own.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(own.data.stat().st_mode) == 0o700
    assert query(own.conninfo, "show listen_addresses") == [("",)]
    assert query(own.conninfo, "select distinct auth_method from pg_hba_file_rules where type = 'local'") == [("peer",)]
    assert query(own.conninfo, "select distinct auth_method from pg_hba_file_rules where type = 'host'") == [
        ("reject",)
    ]
    with pytest.raises(psycopg2.OperationalError, match="Peer authentication failed"):
        psycopg2.connect(own.conninfo, user="somebody_else")


def test_a_socket_directory_of_somebody_else_is_refused(own: EmbeddedServer) -> None:
    own.socket.mkdir(mode=0o777)
    own.socket.chmod(0o777)

    with pytest.raises(EmbeddedServerError, match="is not a private directory of this account"):
        own.start()


def test_a_place_that_cannot_be_written_is_one_line(own: EmbeddedServer, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(EmbeddedServerError, match="^The embedded PostgreSQL cannot be set up: .*file/home: Not a dir"):
        EmbeddedServer(file / "home", own.socket, server_account()).start()


def test_it_stops_once(own: EmbeddedServer) -> None:
    own.start()

    assert [own.stop(), own.stop()] == [True, False]
    assert not own.socket.exists()


@pytest.mark.slow
def test_what_is_removed_begins_empty(own: EmbeddedServer) -> None:
    own.start()
    query(own.conninfo, "create table gone as select 1 as one; select 1")
    own.remove()
    assert not own.home.exists()
    own.start()

    assert query(own.conninfo, "select to_regclass('gone')") == [(None,)]


def test_what_does_not_stop_is_not_removed(own: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    own.start()
    monkeypatch.setattr("warehouse.embedded.START_SECONDS", 1)
    process = process_of(own)
    os.kill(process, signal.SIGSTOP)
    try:
        with pytest.raises(EmbeddedServerError, match="does not stop, so nothing was changed"):
            own.remove()
        assert own.socket.exists()
    finally:
        os.kill(process, signal.SIGCONT)

    assert (own.data / "PG_VERSION").exists()


def test_the_socket_of_a_long_path_is_short() -> None:
    deep = Path("/home/somebody") / "/".join(["directory"] * 30)

    # A socket's path may have 107 bytes.
    assert len(f"{socket_directory(deep)}/.s.PGSQL.5432") <= 107
    assert socket_directory(deep) != socket_directory(deep.parent)


@pytest.mark.skipif(os.getuid() != 0, reason="only root runs the server as somebody else")
def test_a_strict_umask_of_root_keeps_its_account_out_of_nothing(
    own: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a checkout in root's home: the account gets a copy of the programs.
    monkeypatch.setattr("warehouse.embedded.reachable", lambda _: False)
    new_parent = EmbeddedServer(own.home / "below", own.socket, own.account)
    callers_mask = os.umask(0o077)
    try:
        new_parent.start()
        assert query(new_parent.conninfo, "select 1") == [(1,)]
        # It may pass through, and see nothing.
        assert stat.S_IMODE(new_parent.home.stat().st_mode) == 0o711
    finally:
        os.umask(callers_mask)
        new_parent.stop()


def test_root_hands_the_server_to_an_account_without_rights() -> None:
    account = server_account()

    assert (account is None) == (os.getuid() != 0)
    assert account is None or account.pw_uid != 0
    assert account is None or pwd.getpwuid(account.pw_uid) == account
