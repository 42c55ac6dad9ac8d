"""A real PostgreSQL for every test: one server a session, one empty database a test, nothing shared with `make run`."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from ingest.embedded import EmbeddedServer, server_account
from ingest.settings import SERVER_VARIABLES

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The session's own server, in a temporary directory that its account can reach."""
    for name in (*SERVER_VARIABLES, "PGOPTIONS", "INGEST_INPUT"):
        os.environ.pop(name, None)
    directory = Path(tempfile.mkdtemp(prefix="warehouse-tests-", dir="/tmp"))
    directory.chmod(0o711)
    server = EmbeddedServer(directory / "home", directory / "socket", server_account())
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory)


@pytest.fixture
def database(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database, dropped afterwards, that PGHOST and PGDATABASE name; the value is its connection string."""
    name = f"test_{uuid.uuid4().hex}"
    administration = psycopg2.connect(host=str(server.socket), dbname="postgres")
    administration.autocommit = True
    with administration.cursor() as cursor:
        cursor.execute(f"create database {name}")
        monkeypatch.setenv("PGHOST", str(server.socket))
        monkeypatch.setenv("PGDATABASE", name)
        yield f"host={server.socket} dbname={name}"
        cursor.execute(f"drop database {name} with (force)")
    administration.close()
