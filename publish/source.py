"""Read the marts from one snapshot of the warehouse."""

import contextlib
from collections.abc import Callable, Iterator

import psycopg2
import psycopg2.errors
import sqlalchemy as sa
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from publish.errors import ContractError, NotBuiltError, ReadError
from publish.results import TableProgress
from warehouse import connection
from warehouse.lost_peers import notice_lost_client
from warehouse.settings import Settings

# For the sort by key; with PostgreSQL's 4 MB it goes by way of the disk even for small tables.
_WORK_MEMORY = "64MB"

# Locks come before the snapshot, so that no migration changes a table or the view between its description and its rows.
# Others may read and write meanwhile.
_LOCK = sql.SQL("lock table {} in access share mode")

_ESTIMATED_ROWS = sa.text("select reltuples from pg_class where oid = to_regclass(:name)")


class Source:
    """The marts at a single point in time.

    Args:
        connection: A connection in a read-only REPEATABLE READ transaction.
        schema: Schema of the marts.
    """

    def __init__(self, connection: sa.Connection, schema: str) -> None:
        self.connection = connection
        self.schema = schema

    def reflect(self, tables: tuple[str, ...]) -> list[sa.Table]:
        """Return tables as the catalogue describes them; those that foreign keys refer to come first.

        Raises:
            ContractError: One is no table, or refers to a table that is not among them.
        """
        catalogue = sa.MetaData()
        views = sorted({*tables} - {*sa.inspect(self.connection).get_table_names(self.schema)})
        if views:
            raise ContractError(
                f"{self.schema}.{views[0]} is not a table, so it has no keys: publish the schema of the models."
            )
        catalogue.reflect(self.connection, schema=self.schema, only=tables)
        others = sorted(
            table.fullname
            for table in catalogue.tables.values()
            if table.fullname not in {f"{self.schema}.{name}" for name in tables}
        )
        if others:
            raise ContractError(
                f"A foreign key refers to {others[0]}, which is not published: build all marts in one schema."
            )
        return catalogue.sorted_tables

    def view_definition(self, view: str) -> str:
        """Return the query of a view, as PostgreSQL keeps it.

        Raises:
            ContractError: It is no view.
        """
        inspector = sa.inspect(self.connection)
        if view not in inspector.get_view_names(self.schema):
            raise ContractError(f"{self.schema}.{view} is not a view: publish the schema of the models.")
        return str(inspector.get_view_definition(view, self.schema))

    def table_progress(self, table: sa.Table, on_progress: TableProgress) -> Callable[[int], None]:
        """Return a function that takes the number of further rows that are done."""
        quoted = self.connection.dialect.identifier_preparer.format_table(table)
        estimate = self.connection.scalar(_ESTIMATED_ROWS, {"name": quoted})
        estimate = int(estimate) if estimate is not None and estimate >= 0 else None
        done = 0

        def advance(rows: int) -> None:
            nonlocal done
            done += rows
            on_progress(table.name, done, estimate)

        advance(0)
        return advance

    def largest(self, relation: str, column: str) -> object:
        """Return the largest value of a column regardless of its sign, which also proves that each can be computed."""
        measured = sa.table(relation, sa.column(column), schema=self.schema)
        return self.connection.scalar(sa.select(sa.func.max(sa.func.abs(measured.c[column]))))

    def numeric_columns(self, relation: str) -> dict[str, int]:
        """Return the columns of a relation that are decimals with fixed places, and their decimal places."""
        columns = sa.inspect(self.connection).get_columns(relation, self.schema)
        types = {column["name"]: column["type"] for column in columns}
        return {name: kind.scale for name, kind in types.items() if isinstance(kind, sa.Numeric) and kind.scale}


@contextlib.contextmanager
def snapshot(conninfo: str, schema: str, relations: tuple[str, ...]) -> Iterator[Source]:
    """Open a snapshot of the warehouse.

    Args:
        conninfo: A libpq connection string or URI.
        schema: Schema of the marts.
        relations: Names of the tables and views that are going to be read.

    Raises:
        ConnectionFailedError: The server cannot be reached, or the connection was lost.
        ServerVersionError: The server is older than PostgreSQL 17.
        DatabaseEncodingError: The database is not encoded in UTF-8.
        NotBuiltError: A relation does not exist.
        ReadError: The server refused a query.
    """
    with connection.connected(conninfo) as session:
        session.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        engine = sa.create_engine(
            "postgresql+psycopg2://", creator=lambda: session, poolclass=sa.StaticPool, hide_parameters=True
        )

        @sa.event.listens_for(engine, "handle_error")
        def _refused(context: sa.engine.ExceptionContext) -> None:
            with _errors(schema):
                raise context.original_exception

        with engine.connect() as reader:
            names = sql.SQL(", ").join(sql.Identifier(schema, name) for name in relations)
            # Without parameters, of which a % in the name of the schema would be one.
            reader.exec_driver_sql(_LOCK.format(names).as_string(session), execution_options={"no_parameters": True})
            with session.cursor() as cursor:
                notice_lost_client(cursor, Settings.from_environment(), sends_much=True)
            reader.exec_driver_sql(f"set local work_mem = '{_WORK_MEMORY}'")
            yield Source(reader, schema)


@contextlib.contextmanager
def _errors(schema: str) -> Iterator[None]:
    with connection.server_errors_as(
        ReadError,
        connection_lost="The connection to the warehouse was lost; the target is as it was",
        refused="The warehouse cannot be read",
        advice=f"Check that this role may read the schema {schema}, and run `dbt build`.",
    ):
        try:
            yield
        except (psycopg2.errors.UndefinedTable, psycopg2.errors.InvalidSchemaName):
            raise NotBuiltError(
                f"The schema {schema} lacks some of the marts: build them with "
                "`dbt build --project-dir dbt_project`, or name another schema with --schema."
            ) from None
