"""Databases to publish to. Those in MariaDB are for `make test-mariadb`."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import administer, server_directory
from tests.publish.mariadb import MariaDB
from tests.publish.targets import MariaDBTarget, PostgreSQLTarget, SQLiteTarget, Target
from warehouse.embedded import EmbeddedServer


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A server whose settings are as far from ours as they can be."""
    with server_directory() as directory:
        server = MariaDB(directory)
        # What tests restart starts without them, which makes no difference.
        server.start("--sql-mode=", "--default-time-zone=+05:00", "--character-set-server=latin1")
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def postgresql_target(server: EmbeddedServer) -> Iterator[PostgreSQLTarget]:
    name = f"test_{uuid.uuid4().hex}"
    administer(server, f"create database {name}")
    yield PostgreSQLTarget(server.socket, name)
    administer(server, f"drop database {name} with (force)")


@pytest.fixture
def sqlite_target(tmp_path: Path) -> SQLiteTarget:
    return SQLiteTarget(tmp_path / "marts.db")


@pytest.fixture
def mariadb_target(mariadb: MariaDB) -> Iterator[MariaDBTarget]:
    target = MariaDBTarget(mariadb)
    yield target
    mariadb.query(f"drop database {target.database}")


@pytest.fixture(params=["sqlite", "postgresql", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def target(request: pytest.FixtureRequest) -> Target:
    """Each database in turn."""
    found: Target = request.getfixturevalue(f"{request.param}_target")
    return found
