"""A real PostgreSQL for every test: one server a session, one empty database a test, nothing shared with `make run`."""

import contextlib
import gc
import importlib.util
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from ingest.migrations import migration_files
from warehouse.embedded import EmbeddedServer, server_account
from warehouse.settings import CHECKOUT as CHECKOUT
from warehouse.settings import SERVER_VARIABLES

if TYPE_CHECKING:
    from tests.dbt_project.warehouse import Dbt, Warehouse

pytest_plugins = ["tests.browser"]

# Of the `make` that may have started these tests; with them, another one would say that it is inside of it.
MAKE_VARIABLES = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")

# The fixtures behind which a server runs, or many processes. Tests without them are fast: `make test-fast`.
SERVERS = {
    "server",
    "old_server",
    "own",
    "shared_valkey",
    "own_valkey",
    "start_service",
    "service",
    "services",
    "mariadb",
    "store_url",
    "temporary_directory",
}
RUN_BY_THEMSELVES = ("browser", "clone", "compose", "mariadb", "nightly", "slow", "spark")

# The file system in memory that Linux has, and how much has to be free there for the servers of all workers.
MEMORY = Path("/dev/shm")
MEMORY_BYTES = 8 << 30

# As ingest makes it today, without the record of its versions.
RAW_SCHEMA = "".join(
    file.read_text(encoding="utf-8") for file in migration_files() if "schema_version" not in file.name
)


def pytest_configure() -> None:
    """Let programs that tests interrupt be interrupted: of what a script runs in the background, shells ignore it."""
    # With the threshold of Python's, a third of the time that collecting takes went into the search for garbage.
    gc.set_threshold(100_000)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need no server as fast."""
    for item in items:
        if SERVERS.isdisjoint(getattr(item, "fixturenames", ())) and not any(
            item.get_closest_marker(name) for name in RUN_BY_THEMSELVES
        ):
            item.add_marker("fast")


def pytest_collection_finish() -> None:
    """Let the garbage collector pass by what was imported and collected, which stays until the end."""
    gc.freeze()


def query(conninfo: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Run one statement, commit, and return its rows."""
    connection = psycopg2.connect(conninfo)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall()
    finally:
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def temporary_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep temporary files among pytest's own, which it deletes later: what is killed leaves them behind."""
    directory = tmp_path_factory.mktemp("tmp")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("TMPDIR", str(directory))
        monkeypatch.setattr(tempfile, "tempdir", str(directory))
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The session's own server, in a temporary directory that its account can reach."""
    for name in (*SERVER_VARIABLES, "PGOPTIONS", "INGEST_INPUT"):
        os.environ.pop(name, None)
    with running_server() as server:
        # Nothing here has to outlive the machine, and databases are made and dropped all the time.
        administer(server, "alter system set fsync = off")
        administer(server, "alter system set max_wal_size = '256MB'")
        administer(server, "select pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> "Dbt":
    """dbt for all tests of a session, since it reads the whole project when it starts in a new directory."""
    # Few tests need it, and it takes long to import.
    from tests.dbt_project.warehouse import Dbt

    return Dbt(tmp_path_factory.mktemp("dbt"))


# Here and not in a folder's own file, since the folders would make them once each and their databases have one name.
@pytest.fixture(scope="session")
def built_template(server: EmbeddedServer, dbt: "Dbt") -> "Iterator[Warehouse]":
    """A warehouse that was built once, to be copied."""
    from tests.dbt_project.conftest import built_once

    with built_once(server, dbt) as warehouse:
        yield warehouse


@pytest.fixture
def built(
    server: EmbeddedServer, built_template: "Warehouse", monkeypatch: pytest.MonkeyPatch
) -> "Iterator[Warehouse]":
    """A warehouse that was built from two loads."""
    from tests.dbt_project.conftest import copy_of

    with copy_of(built_template, server, monkeypatch) as warehouse:
        yield warehouse


@contextlib.contextmanager
def server_directory() -> Iterator[Path]:
    """A temporary directory that a server's account can reach; pytest's own are for our eyes only."""
    # A database has 300 files, which took a third of the time of all tests to make and to delete on a disk.
    directory = Path(tempfile.mkdtemp(prefix="warehouse-tests-", dir=MEMORY if _holds_servers(MEMORY) else "/tmp"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def _holds_servers(directory: Path) -> bool:
    # A server's account may need a copy of its programs there, which containers often do not let run.
    return (
        os.access(directory, os.W_OK)
        and not os.statvfs(directory).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(directory).free > MEMORY_BYTES
    )


@contextlib.contextmanager
def running_server(kind: type[EmbeddedServer] = EmbeddedServer) -> Iterator[EmbeddedServer]:
    """A server in a directory of its own, which is deleted with it."""
    with server_directory() as directory:
        server = kind(directory / "home", directory / "socket", server_account())
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture
def temporary_directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where programs of the test put temporary files, servers for once among them: an empty directory."""
    with server_directory() as directory:
        monkeypatch.setenv("TMPDIR", str(directory))
        monkeypatch.setattr("tempfile.tempdir", None)
        yield directory


@pytest.fixture
def database(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database, dropped afterwards, that PGHOST and PGDATABASE name; the value is its connection string."""
    name = f"test_{uuid.uuid4().hex}"
    administer(server, f"create database {name}")
    monkeypatch.setenv("PGHOST", str(server.socket))
    monkeypatch.setenv("PGDATABASE", name)
    yield f"host={server.socket} dbname={name}"
    administer(server, f"drop database {name} with (force)")


def administer(server: EmbeddedServer, statement: str) -> None:
    """Run a statement that wants no transaction, on a connection of its own: a test may have ended all others."""
    connection = psycopg2.connect(host=str(server.socket), dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


class PostgreSQL16(EmbeddedServer):
    """A server from the time before PostgreSQL 17."""

    package = "pgserver"
    locale = ("--locale=C",)


@pytest.fixture(scope="session")
def old_server() -> Iterator[str]:
    """A connection string of a real PostgreSQL 16."""
    if importlib.util.find_spec("pgserver") is None:
        pytest.skip("no wheel of PostgreSQL 16 for this version of Python")
    with running_server(PostgreSQL16) as server:
        yield server.conninfo
