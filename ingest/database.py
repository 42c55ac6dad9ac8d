"""Connections to the warehouse, and the raw schema in it."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psycopg2
from psycopg2.extensions import parse_dsn

from ingest.errors import ConnectionFailedError, DatabaseEncodingError, IngestError, ServerVersionError
from ingest.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import connection

Argument = TypeVar("Argument")
Result = TypeVar("Result")

# dbt's models stay in place by MERGE ... WHEN NOT MATCHED BY SOURCE, which came with PostgreSQL 17.
MINIMUM_VERSION = 17

CONNECT_SECONDS = 10

SQL = Path(__file__).with_name("sql")


def sql(name: str) -> str:
    """The text of `ingest/sql/<name>.sql`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def default_conninfo() -> str:
    """The connection that the environment chooses; starts the embedded server where that is the one.

    Raises:
        EmbeddedServerError: the embedded server does not start.
    """
    settings = Settings.from_environment()
    if settings.embedded:
        from ingest.embedded import EmbeddedServer

        EmbeddedServer.of_checkout().start()
    return settings.conninfo


@contextlib.contextmanager
def connected(conninfo: str) -> "Iterator[connection]":
    """A connection to the server, closed at the end. What is not committed is rolled back.

    Args:
        conninfo: libpq connection string or URI; libpq's variables fill in what it leaves out.

    Raises:
        ConnectionFailedError: the server cannot be reached or refuses us.
        ServerVersionError: the server is older than PostgreSQL 17.
        DatabaseEncodingError: the database is not encoded in UTF-8.
    """
    try:
        _refuse_misread_password(conninfo)
        session = psycopg2.connect(conninfo, connect_timeout=CONNECT_SECONDS, client_encoding="UTF8")
    except psycopg2.ProgrammingError:
        # libpq's own message would quote the string, and with it a password.
        raise ConnectionFailedError(
            "The connection string cannot be read: write it as 'host=... dbname=...' or "
            "postgresql://user@host/database, with special characters of a password as %40 and the like."
        ) from None
    except psycopg2.OperationalError as error:
        raise ConnectionFailedError(
            f"No connection to PostgreSQL: {one_line(error)}. "
            "Start the server, or check the PG* variables; without any of them the embedded server is used."
        ) from None
    try:
        major = session.server_version // 10000
        if major < MINIMUM_VERSION:
            raise ServerVersionError(
                f"This server is PostgreSQL {major}, but PostgreSQL {MINIMUM_VERSION} or newer is needed: "
                "upgrade it, or unset the PG* variables to use the embedded server."
            )
        encoding = session.get_parameter_status("server_encoding")
        if encoding != "UTF8":
            raise DatabaseEncodingError(
                f"The database {session.info.dbname} has the encoding {encoding}, but UTF8 is needed: "
                "create another one by `create database NAME encoding 'UTF8' template template0`."
            )
        yield session
    finally:
        session.close()


@contextlib.contextmanager
def explained(broken_off: str, refused: str, refusal: type[IngestError]) -> Iterator[None]:
    """Turn the server's errors into ours.

    Args:
        broken_off: what a lost connection means.
        refused: what any other error of the server means, which is raised as `refusal`.
        refusal: the class of that error.
    """
    try:
        yield
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise ConnectionFailedError(f"{broken_off} ({one_line(error)}). Run the same command again.") from None
    except psycopg2.Error as error:
        raise refusal(f"{refused}: {one_line(error)}.") from None


@contextlib.contextmanager
def copying() -> Iterator[Callable[[Callable[[Argument], Result]], Callable[[Argument], Result]]]:
    """Let a COPY fail by what went wrong, and print nothing.

    psycopg2 takes an error of the stream that it reads or writes, even Ctrl-C, for one of the server. And if the server
    goes while it copies, it prints what the server said, with the row, before it raises.

    Yields:
        A function that wraps what the stream does, so that its errors are raised as they are.
    """
    errors: list[BaseException] = []

    def ours(work: Callable[[Argument], Result]) -> Callable[[Argument], Result]:
        def call(argument: Argument) -> Result:
            try:
                return work(argument)
            except BaseException as error:
                errors.append(error)
                raise

        return call

    print_error, sys.excepthook = sys.excepthook, lambda *_: None
    try:
        yield ours
    except psycopg2.Error as error:
        if errors:
            raise errors[0] from None
        if "error in .read() call" in str(error):
            # Of a signal, which Python raises before the first line of the wrapped function too.
            raise KeyboardInterrupt from None
        raise
    finally:
        sys.excepthook = print_error


def _refuse_misread_password(conninfo: str) -> None:
    """Refuse a URI of which libpq takes a part of the password for a host, port or database, and would repeat it."""
    port = parse_dsn(conninfo).get("port", "")
    if conninfo.startswith(("postgresql://", "postgres://")):
        authority, _, database = conninfo.partition("://")[2].partition("?")[0].partition("/")
        if authority.count("@") > 1 or "@" in database or port.strip("0123456789,"):
            raise psycopg2.ProgrammingError


def one_line(error: Exception) -> str:
    """An error's message on one line, without the context lines that quote data or statements."""
    lines = []
    for line in str(error).strip().splitlines():
        if line.startswith(("CONTEXT:", "DETAIL:", "LINE ")):
            break
        lines.append(line.strip())
    return " ".join(lines).rstrip(".")
