"""The server that measurements use."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2

from warehouse.embedded import EmbeddedServer, server_account


@contextlib.contextmanager
def benchmark_server(*databases: str) -> Iterator[tuple[EmbeddedServer, Path]]:
    """Start a server in a temporary directory, with further databases, and let PGHOST lead to it.

    It is as durable as the one under a checkout; that of `warehouse.throwaway` is not, and would be measured too fast.

    Yields:
        The server and the directory, which is deleted with it.
    """
    directory = Path(tempfile.mkdtemp(prefix="warehouse-bench-", dir="/tmp"))
    directory.chmod(0o711)
    server = EmbeddedServer(directory / "home", directory / "socket", server_account())
    try:
        server.start()
        os.environ["PGHOST"] = str(server.socket)
        administration = psycopg2.connect(host=str(server.socket), dbname="postgres")
        administration.autocommit = True
        with administration.cursor() as cursor:
            for database in databases:
                cursor.execute(f"create database {database}")
        administration.close()
        yield server, directory
    finally:
        server.stop()
        shutil.rmtree(directory)
