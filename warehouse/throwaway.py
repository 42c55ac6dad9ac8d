"""A PostgreSQL server that is gone when the process that asked for it is, however that process ends.

A keeper, a process of its own, makes a temporary directory, runs the server in it, and waits for the end of a pipe that
only the caller's end keeps open. The kernel closes it even after `kill -9`, and the keeper stops the server and deletes
the directory. It is in a session of its own, so that Ctrl-C, which reaches all processes of a terminal, leaves it time
to do so. Should the keeper be killed instead, the caller cleans up.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from warehouse.embedded import EmbeddedServer, reachable, server_account
from warehouse.errors import EmbeddedServerError, WarehouseError
from warehouse.settings import CHECKOUT, DATABASE, without_libpq_variables

DIRECTORY_PREFIX = "transactions-warehouse-once-"

# The path of a socket may have 107 bytes, and this many of them are ours.
_SOCKET = "socket"
_LONGEST_PARENT = 107 - len(f"/{DIRECTORY_PREFIX}12345678/{_SOCKET}/.s.PGSQL.5432")

_READY = "ready"


@dataclass(frozen=True)
class _ServerForOnce(EmbeddedServer):
    """A server whose data nobody misses."""

    set_up_options: ClassVar[tuple[str, ...]] = ("--no-sync",)
    settings: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            **EmbeddedServer.settings,
            "shared_buffers": "128MB",
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
        }
    )

    @classmethod
    def in_directory(cls, directory: Path) -> "_ServerForOnce":
        return cls(directory / "server", directory / _SOCKET, server_account())


@dataclass(frozen=True)
class ThrowawayServer:
    """A server that is being started.

    Attributes:
        directory: A private directory for files of the caller, which is deleted with the server.
        socket: Directory of the Unix socket.
    """

    directory: Path
    socket: Path
    _keeper: "subprocess.Popen[str]"

    @property
    def conninfo(self) -> str:
        """The libpq connection string of an empty database."""
        return f"host={self.socket} dbname={DATABASE}"

    def wait_until_ready(self) -> None:
        """Wait until connections are possible.

        Raises:
            EmbeddedServerError: The server does not start.
        """
        said = _line(self._keeper)
        if said != _READY:
            raise EmbeddedServerError(said or "The temporary PostgreSQL was stopped while it started. Try again.")


@contextlib.contextmanager
def throwaway_server() -> Iterator[ThrowawayServer]:
    """Start a server with an empty database in a temporary directory; stop it and delete the directory at the end.

    Meanwhile the environment has none of libpq's variables.

    Raises:
        EmbeddedServerError: There is no place for the server, or no account that may run it.
    """
    with without_libpq_variables():
        keeper = subprocess.Popen(
            [sys.executable, "-m", "warehouse.throwaway"],
            cwd="/",
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        directory: Path | None = None
        try:
            said = _line(keeper)
            if not said.startswith("/"):
                raise EmbeddedServerError(said or "The temporary PostgreSQL cannot be set up. Try again.")
            directory = Path(said)
            yield ThrowawayServer(directory / "files", directory / _SOCKET, keeper)
        finally:
            keeper.stdin.close()  # type: ignore[union-attr]
            keeper.wait()
            keeper.stdout.close()  # type: ignore[union-attr]
            if directory is not None:
                _clean_up(directory)


def _line(keeper: "subprocess.Popen[str]") -> str:
    return keeper.stdout.readline().rstrip("\n")  # type: ignore[union-attr]


def _clean_up(directory: Path) -> None:
    """Stop the server in a directory and delete the directory, if they are still there."""
    if directory.exists():
        # A server whose files are gone ends by itself within a minute.
        with contextlib.suppress(WarehouseError):
            _ServerForOnce.in_directory(directory).stop()
        shutil.rmtree(directory, ignore_errors=True)


def _parent() -> Path:
    """Where the directory is made: where temporary files belong, unless the server could not use it."""
    usual = Path(tempfile.gettempdir()).resolve()
    is_short = len(os.fsencode(usual)) <= _LONGEST_PARENT
    return usual if is_short and (server_account() is None or reachable(usual)) else Path("/tmp")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _keep() -> None:
    """Run the server until standard input ends."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        directory = Path(tempfile.mkdtemp(prefix=DIRECTORY_PREFIX, dir=_parent()))
    except (OSError, WarehouseError) as error:
        reason = getattr(error, "strerror", None) or error
        _say(f"The temporary PostgreSQL cannot be set up: {reason}. Set TMPDIR to a directory with free space.")
        return
    try:
        directory.chmod(0o711)
        (directory / "files").mkdir(mode=0o700)
        _say(str(directory))
        try:
            _ServerForOnce.in_directory(directory).start()
        except WarehouseError as error:
            _say(str(error))
        else:
            _say(_READY)
        sys.stdin.read()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _clean_up(directory)


if __name__ == "__main__":
    _keep()
