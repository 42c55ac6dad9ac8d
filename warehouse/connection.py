"""Connect to the warehouse, and convert the errors of the server."""

import contextlib
from collections.abc import Iterator

import psycopg2
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection, cursor, parse_dsn

from warehouse.embedded import EmbeddedServer
from warehouse.errors import ConnectionFailedError, DatabaseEncodingError, ServerVersionError, WarehouseError
from warehouse.lost_peers import client_parameters, notice_lost_client
from warehouse.settings import Settings

# dbt's models stay in place by MERGE ... WHEN NOT MATCHED BY SOURCE, which came with PostgreSQL 17.
_MINIMUM_VERSION = 17

_CONNECT_SECONDS = 10

# What others see of our sessions, unless PGAPPNAME says something else.
_APPLICATION = "transactions-warehouse"

_ADVICE_ON_CONNECTIONS = "Start the server, or check the PG* variables; if none is set, the embedded server is used."

_ADVICE_ON_PRIVILEGES = "Connect as another role (PGUSER), or ask the owner to grant the privilege."

# What PgBouncer says of PGOPTIONS.
_NO_OPTIONS = "unsupported startup parameter: options"
_ADVICE_ON_OPTIONS = (
    "The pooler does not pass on PGOPTIONS: unset it, and give its settings to the role with `alter role`."
)


def default_conninfo() -> str:
    """Return the connection string that the environment selects; start the embedded server if it is selected.

    Raises:
        EmbeddedServerError: The embedded server does not start.
    """
    settings = Settings.from_environment()
    if settings.embedded:
        EmbeddedServer.of_checkout().start()
    return settings.conninfo


@contextlib.contextmanager
def connected(conninfo: str) -> Iterator[connection]:
    """Open a connection to the server, and close it at the end. Uncommitted changes are rolled back.

    Args:
        conninfo: A libpq connection string or URI; the variables of libpq supply omitted settings.

    Raises:
        ConnectionFailedError: The server cannot be reached or refuses the connection.
        ServerVersionError: The server is older than PostgreSQL 17.
        DatabaseEncodingError: The database is not encoded in UTF-8.
        SettingsError: WAREHOUSE_TCP_TIMEOUT is not a whole number of seconds.
    """
    settings = Settings.from_environment()
    try:
        _refuse_misread_password(conninfo)
        session = psycopg2.connect(
            conninfo,
            connect_timeout=_CONNECT_SECONDS,
            client_encoding="UTF8",
            fallback_application_name=_APPLICATION,
            **client_parameters(conninfo, settings),
        )
    except psycopg2.ProgrammingError:
        # libpq's own message would quote the string, and with it a password.
        raise ConnectionFailedError(
            "The connection string cannot be read: write it as 'host=... dbname=...' or "
            "postgresql://user@host/database, with special characters in a password percent-encoded, such as %40."
        ) from None
    except psycopg2.OperationalError as error:
        reason = one_line(error)
        advice = _ADVICE_ON_OPTIONS if reason.endswith(_NO_OPTIONS) else _ADVICE_ON_CONNECTIONS
        raise ConnectionFailedError(f"No connection to PostgreSQL: {reason}. {advice}") from None
    try:
        major = session.server_version // 10000
        if major < _MINIMUM_VERSION:
            raise ServerVersionError(
                f"This server is PostgreSQL {major}, but PostgreSQL {_MINIMUM_VERSION} or newer is needed: "
                "upgrade it, or unset the PG* variables to use the embedded server."
            )
        encoding = session.get_parameter_status("server_encoding")
        if encoding != "UTF8":
            raise DatabaseEncodingError(
                f"The database {session.info.dbname} has the encoding {encoding}, but UTF8 is needed: "
                "create another one with `create database NAME encoding 'UTF8' template template0`."
            )
        yield session
    finally:
        session.close()


@contextlib.contextmanager
def transaction(session: connection) -> Iterator[cursor]:
    """Open a cursor in a transaction, which is committed at the end, or rolled back if an error is raised.

    The server ends it soon after the client is lost; see `begin`, which continues it after a rollback.
    """
    with session, session.cursor() as cursor:
        begin(cursor)
        yield cursor


def begin(cursor: cursor) -> None:
    """Begin a transaction that the server ends soon after this client is lost, with WAREHOUSE_TCP_TIMEOUT."""
    notice_lost_client(cursor, Settings.from_environment())


@contextlib.contextmanager
def snapshot(conninfo: str, cursor_factory: type[cursor] = cursor) -> Iterator[cursor]:
    """Open a read-only cursor on a snapshot of the database.

    Args:
        conninfo: See `connected`.
        cursor_factory: Class of the cursor, such as one whose rows are named tuples.

    Raises:
        ConnectionFailedError: The server cannot be reached or refuses the connection.
        ServerVersionError: The server is older than PostgreSQL 17.
        DatabaseEncodingError: The database is not encoded in UTF-8.
    """
    with connected(conninfo) as session:
        session.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with session.cursor(cursor_factory=cursor_factory) as reader:
            notice_lost_client(reader, Settings.from_environment(), sends_much=True)
            yield reader


@contextlib.contextmanager
def server_errors_as(
    refusal: type[WarehouseError], *, connection_lost: str, refused: str, advice: str = ""
) -> Iterator[None]:
    """Convert errors of the server to errors of this program, each one line without data or statements.

    Args:
        refusal: Class for all errors except a lost connection, which raises ConnectionFailedError.
        connection_lost: Beginning of the message for a lost connection.
        refused: Beginning of the message for any other error.
        advice: What to do about any other error. Without it, missing privileges have an advice of their own.
    """
    try:
        yield
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise ConnectionFailedError(f"{connection_lost} ({one_line(error)}). Run the same command again.") from None
    except psycopg2.Error as error:
        if isinstance(error, InsufficientPrivilege):
            advice = advice or _ADVICE_ON_PRIVILEGES
        raise refusal(f"{refused}: {one_line(error)}. {advice}".rstrip()) from None


def _refuse_misread_password(conninfo: str) -> None:
    """Refuse a URI in which libpq would mistake part of the password for a host, port or database and print it."""
    port = parse_dsn(conninfo).get("port", "")
    if conninfo.startswith(("postgresql://", "postgres://")):
        authority, _, database = conninfo.partition("://")[2].partition("?")[0].partition("/")
        if authority.count("@") > 1 or "@" in database or port.strip("0123456789,"):
            raise psycopg2.ProgrammingError


def one_line(error: BaseException) -> str:
    """Return the message of an error on one line, without the context lines that quote data or statements.

    Questions are left out: libpq asks whether the server is running, and our advice follows.
    """
    lines = []
    for line in str(error).strip().splitlines():
        if line.startswith(("CONTEXT:", "DETAIL:", "LINE ")):
            break
        if not line.endswith("?"):
            lines.append(line.strip())
    return "; ".join(lines).rstrip(".")
