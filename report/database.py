"""One snapshot of the warehouse, and the queries that read it."""

import contextlib
from collections.abc import Iterator
from importlib import resources
from typing import Any

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ
from psycopg2.extras import NamedTupleCursor

from report.errors import ConnectionFailedError, ReadError
from report.settings import Settings

CONNECT_SECONDS = 10

# The schema of the marts in production; a developer builds into one of their own.
MARTS = "analytics"

# For sums over a million charges; with PostgreSQL's 4 MB they go by way of the disk.
WORK_MEMORY = "64MB"


class Snapshot:
    """The warehouse as it is at one moment: one read-only transaction at REPEATABLE READ."""

    def __init__(self, session: "psycopg2.extensions.connection", schema: str) -> None:
        self.schema = schema
        self._session = session

    def rows(self, name: str, **values: object) -> list[Any]:
        """The rows of `report/sql/<name>.sql`, as named tuples.

        Args:
            name: the file, without its ending.
            values: what its placeholders stand for.

        Raises:
            ConnectionFailedError: the connection broke.
            ReadError: the server refused the query.
        """
        statement = resources.files("report").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
        try:
            with self._session.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall()
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            raise ConnectionFailedError(
                f"The connection to PostgreSQL broke: {_first_line(error)}. Try again."
            ) from None
        except psycopg2.Error as error:
            raise ReadError(
                f"PostgreSQL refused to read: {_first_line(error)}. "
                f"The report has to read the schema {self.schema} and the table raw.loads, as `dbt build` leaves them."
            ) from None

    def row(self, name: str, **values: object) -> Any:  # noqa: ANN401 - a named tuple of the query's columns
        """The only row of a query."""
        (row,) = self.rows(name, **values)
        return row


@contextlib.contextmanager
def snapshot(schema: str = MARTS) -> Iterator[Snapshot]:
    """A snapshot of the warehouse that the environment names. Starts no server.

    Args:
        schema: where the marts are. Queries name them without it.

    Raises:
        ConnectionFailedError: the server cannot be reached or refuses us.
    """
    settings = Settings.from_environment()
    try:
        session = psycopg2.connect(
            settings.conninfo,
            connect_timeout=CONNECT_SECONDS,
            client_encoding="UTF8",
            cursor_factory=NamedTupleCursor,
        )
    except psycopg2.OperationalError as error:
        if settings.embedded:
            raise ConnectionFailedError(
                "The embedded PostgreSQL does not run: start it and fill it with `make run`, "
                "or name another server by the PG* variables."
            ) from None
        raise ConnectionFailedError(
            f"No connection to PostgreSQL: {_first_line(error)}. Start the server, or check the PG* variables."
        ) from None
    try:
        session.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with session.cursor() as cursor:
            cursor.execute("set local work_mem = %s", (WORK_MEMORY,))
            cursor.execute("select set_config('search_path', quote_ident(%s), true)", (schema,))
        yield Snapshot(session, schema)
    finally:
        session.close()


def _first_line(error: Exception) -> str:
    """What an error says, without the lines that quote data or statements."""
    return str(error).strip().partition("\n")[0].rstrip(".")
