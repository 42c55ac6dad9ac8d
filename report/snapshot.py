"""One snapshot of the warehouse, and the queries that read it."""

import contextlib
from collections.abc import Iterator
from typing import Any

from psycopg2.extensions import cursor
from psycopg2.extras import NamedTupleCursor

from report.errors import ReadError
from warehouse import connection
from warehouse.errors import ConnectionFailedError
from warehouse.settings import Settings

# The schema of the marts in production; a developer builds into one of their own.
MARTS = "analytics"

# For sums over a million charges; with PostgreSQL's 4 MB they go by way of the disk.
_WORK_MEMORY = "64MB"


class Snapshot:
    """The warehouse as it is at one moment.

    Args:
        cursor: In a read-only transaction at REPEATABLE READ; its rows are named tuples.
        schema: Where the marts are. Queries name them without it.
    """

    def __init__(self, cursor: cursor, schema: str) -> None:
        self.schema = schema
        self._cursor = cursor

    def rows(self, statement: str, **values: object) -> list[Any]:
        """The rows of a query, as named tuples.

        Args:
            statement: The query.
            values: What its placeholders stand for.

        Raises:
            ConnectionFailedError: The connection was lost.
            ReadError: The server refused the query.
        """
        with connection.server_errors_as(
            ReadError,
            connection_lost="The connection to PostgreSQL was lost",
            refused="PostgreSQL refused to read",
            advice=f"The report reads the schema {self.schema} and the table raw.loads, as `dbt build` leaves them.",
        ):
            self._cursor.execute(statement, values)
            return self._cursor.fetchall()

    def row(self, statement: str, **values: object) -> Any:  # noqa: ANN401 - a named tuple of the query's columns
        """The only row of a query."""
        (row,) = self.rows(statement, **values)
        return row


@contextlib.contextmanager
def snapshot(schema: str = MARTS) -> Iterator[Snapshot]:
    """A snapshot of the warehouse that the environment names. Starts no server.

    Args:
        schema: Where the marts are.

    Raises:
        ConnectionFailedError: The server cannot be reached or refuses us.
        ServerVersionError: The server is older than PostgreSQL 17.
        DatabaseEncodingError: The database is not encoded in UTF-8.
    """
    settings = Settings.from_environment()
    with contextlib.ExitStack() as stack:
        try:
            reader = stack.enter_context(connection.snapshot(settings.conninfo, NamedTupleCursor))
        except ConnectionFailedError:
            if not settings.embedded:
                raise
            raise ConnectionFailedError(
                "The embedded PostgreSQL does not run: start it and fill it with `make run`, "
                "or name another server by the PG* variables."
            ) from None
        reader.execute("set local work_mem = %s", (_WORK_MEMORY,))
        reader.execute("select set_config('search_path', quote_ident(%s), true)", (schema,))
        yield Snapshot(reader, schema)
