"""A snapshot of the warehouse, and queries on it."""

import contextlib
import os
from collections.abc import Iterator
from importlib import resources
from typing import Any

from psycopg2.extensions import cursor
from psycopg2.extras import NamedTupleCursor

from report.errors import ReadError
from warehouse import connection
from warehouse.embedded import EmbeddedServer
from warehouse.errors import ConnectionFailedError
from warehouse.settings import Settings

# The schema of the marts in production; a developer builds into one of their own.
MARTS = "analytics"

# For sums over a million charges; with PostgreSQL's 4 MB they go by way of the disk.
_WORK_MEMORY = "64MB"


class Snapshot:
    """The warehouse at a single point in time.

    Args:
        cursor: A cursor in a read-only REPEATABLE READ transaction; its rows are named tuples.
        schema: Schema of the marts. Queries omit it.
    """

    def __init__(self, cursor: cursor, schema: str) -> None:
        self.schema = schema
        self._cursor = cursor

    def rows(self, statement: str, **values: object) -> list[Any]:
        """Return the rows of a query as named tuples.

        Args:
            statement: The query.
            values: Values of its placeholders.

        Raises:
            ConnectionFailedError: The connection was lost.
            ReadError: The server refused the query.
        """
        with connection.server_errors_as(
            ReadError,
            connection_lost="The connection to PostgreSQL was lost",
            refused="PostgreSQL refused the query",
            advice=f"Check that this role may read the schema {self.schema} and raw.loads, or run `dbt build`.",
        ):
            self._cursor.execute(statement, values)
            return self._cursor.fetchall()

    def row(self, statement: str, **values: object) -> Any:  # noqa: ANN401 - a named tuple of the query's columns
        """Return the only row of a query."""
        (row,) = self.rows(statement, **values)
        return row


@contextlib.contextmanager
def snapshot(schema: str = MARTS) -> Iterator[Snapshot]:
    """Open a snapshot of the warehouse that the environment selects. Does not start a server.

    Args:
        schema: Schema of the marts.

    Raises:
        ConnectionFailedError: The server cannot be reached or refuses the connection.
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
                f"The embedded PostgreSQL is not running: {_how_to_start()}, "
                "or select another server with the PG* variables."
            ) from None
        reader.execute("set local work_mem = %s", (_WORK_MEMORY,))
        reader.execute("select set_config('search_path', quote_ident(%s), true)", (schema,))
        yield Snapshot(reader, schema)


def _how_to_start() -> str:
    # `make run` would load a sample into a warehouse that has data.
    if os.path.exists(EmbeddedServer.of_checkout().data):  # noqa: PTH110 - False, not an error, where we may not look
        return "start it with `python -m ingest server start`"
    return "start and fill it with `make run`"


def sql(file_name: str) -> str:
    """Return the text of a file in `report/sql`."""
    return resources.files("report").joinpath("sql", file_name).read_text(encoding="utf-8")
