"""A server for once: it is gone with the process that asked for it, however that ends."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from tests.conftest import CHECKOUT, query
from tests.waiting import wait_until
from warehouse.errors import EmbeddedServerError
from warehouse.throwaway import throwaway_server

# Asks for a server, says where it is and, once it is ready, its process; then waits to be ended.
OWNER = """
import time
from warehouse.throwaway import throwaway_server
with throwaway_server() as server:
    print(server.directory.parent, flush=True)
    server.wait_until_ready()
    print((server.directory.parent / "server" / "data" / "postmaster.pid").read_text().split()[0], flush=True)
    time.sleep(600)
"""


@contextlib.contextmanager
def owner() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def server_processes(directory: Path) -> list[int]:
    """The processes that name a directory in their arguments."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(str(directory) in argument for argument in process.info["cmdline"] or ())
    ]


def test_it_serves_whatever_the_environment_says_and_is_gone_afterwards(
    temporary_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGSERVICE", "nowhere")
    with throwaway_server() as server:
        server.wait_until_ready()
        (server.directory / "file").touch()
        assert query(server.conninfo, "select 1") == [(1,)]
        assert server.directory.is_relative_to(temporary_directory)
        with pytest.raises(psycopg2.OperationalError, match="Peer authentication failed"):
            psycopg2.connect(server.conninfo, user="somebody_else")

    assert list(temporary_directory.iterdir()) == []
    assert server_processes(temporary_directory) == []
    assert (os.environ["PGPORT"], os.environ["PGSERVICE"]) == ("1", "nowhere")


@pytest.mark.parametrize(
    "number",
    [signal.SIGKILL, *(pytest.param(each, marks=pytest.mark.slow) for each in (signal.SIGTERM, signal.SIGINT))],
)
def test_it_ends_with_its_owner(temporary_directory: Path, number: signal.Signals) -> None:
    with owner() as process:
        directory = Path(line(process))
        server = psutil.Process(int(line(process)))
        assert server.is_running()
        process.send_signal(number)

    wait_until(lambda: not list(temporary_directory.iterdir()), "nothing is left")
    assert not directory.exists()
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


@pytest.mark.slow
def test_it_ends_with_an_owner_that_is_killed_while_it_starts(temporary_directory: Path) -> None:
    with owner() as process:
        assert Path(line(process)).parent == temporary_directory
        process.kill()

    wait_until(lambda: not list(temporary_directory.iterdir()), "nothing is left")
    assert server_processes(temporary_directory) == []


@pytest.mark.slow
def test_an_error_of_the_owner_leaves_nothing(temporary_directory: Path) -> None:
    def fail() -> None:
        with throwaway_server() as server:
            server.wait_until_ready()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert list(temporary_directory.iterdir()) == []


@pytest.mark.slow
def test_the_owner_cleans_up_after_a_killed_keeper(temporary_directory: Path) -> None:
    with throwaway_server() as server:
        server.wait_until_ready()
        server._keeper.kill()

    assert list(temporary_directory.iterdir()) == []
    assert server_processes(temporary_directory) == []


def test_no_place_for_it_is_one_line(temporary_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # There is no keeper either.
    monkeypatch.setattr("warehouse.throwaway.CHECKOUT", temporary_directory)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with (
        pytest.raises(EmbeddedServerError, match=r"^The temporary PostgreSQL cannot be set up\. Try again\.$"),
        throwaway_server(),
    ):
        pass


@pytest.mark.slow
def test_a_long_path_for_temporary_files_is_not_for_a_socket(
    temporary_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = temporary_directory / ("directory" * 12)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    with throwaway_server() as server:
        assert server.directory.parent.parent == Path("/tmp")

    assert not server.directory.parent.exists()
