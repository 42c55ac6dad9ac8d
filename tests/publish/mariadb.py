"""A MariaDB server of the tests' own, on a socket in a temporary directory."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.waiting import wait_until

_SERVER = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/libexec")
_SET_UP = shutil.which("mariadb-install-db")


class MariaDB:
    """A server that can be killed and started again.

    Args:
        directory: Where its files are.
        before: What its command begins with, such as what runs it on another machine.
    """

    def __init__(self, directory: Path, *before: str) -> None:
        if _SERVER is None or _SET_UP is None:
            pytest.fail("make test-mariadb needs a MariaDB server: apt-get install mariadb-server")
        self._directory = directory
        self._before = before
        self.socket = directory / "mariadb.sock"
        self._process: subprocess.Popen[bytes] | None = None
        set_up = [_SET_UP, "--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]
        subprocess.run([*set_up, *self._options()], check=True, capture_output=True)

    def _options(self) -> list[str]:
        # Everybody else runs it as who they are; root has to say so.
        as_root = ["--user=root"] if os.getuid() == 0 else []
        return [f"--datadir={self._directory / 'data'}", f"--tmpdir={self._directory}", *as_root]

    def start(self, *options: str) -> None:
        # After a kill, it would look as if a server listened there.
        self.socket.unlink(missing_ok=True)
        log = (self._directory / "server.log").open("ab")
        self._process = subprocess.Popen(
            [
                *(
                    *self._before,
                    str(_SERVER),
                    "--no-defaults",
                    *self._options(),
                    f"--socket={self.socket}",
                    "--skip-networking",
                ),
                *(f"--pid-file={self._directory / 'pid'}", "--innodb-buffer-pool-size=64M"),
                *("--innodb-log-file-size=16M", "--performance-schema=OFF", *options),
                # Nothing here has to outlive the machine, and what is written outlives a kill of the server.
                *("--debug-no-sync", "--innodb-flush-method=nosync"),
            ],
            stdout=log,
            stderr=log,
        )
        log.close()
        wait_until(self._answers, "MariaDB to start")

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        assert self._process
        self._process.terminate()
        self._process.wait()

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self._directory / "server.log").read_text(errors="replace")[-2000:]
        return self.socket.exists()

    def query(self, statement: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run one statement, commit, and return its rows."""
        with self.connection(database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    @contextlib.contextmanager
    def connection(self, database: str | None = None) -> Iterator["pymysql.connections.Connection[Any]"]:
        connection = pymysql.connect(
            unix_socket=str(self.socket), user="root", database=database, autocommit=True, sql_mode="STRICT_ALL_TABLES"
        )
        with contextlib.closing(connection):
            yield connection
