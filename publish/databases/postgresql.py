"""Another PostgreSQL."""

import contextlib
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from publish.databases.base import Database
from publish.errors import TargetVersionError
from warehouse.connection import one_line
from warehouse.lost_peers import client_parameters, notice_lost_client
from warehouse.settings import Settings

# The oldest that is still maintained.
_MINIMUM = 14

_CONNECT_SECONDS = 10

# Of advisory locks, the one that publishers take.
_LOCK = 7_078_021_149

# The SQLSTATE of a drop that other objects prevent.
_DEPENDENTS = "2BP01"

_CONSTRAINTS = sa.text(
    "select conname from pg_constraint where conrelid = cast(:table as regclass) and starts_with(conname, :name)"
)

_GRANTS = sa.text("""
select
    format(
        'grant %s on %I to %s%s',
        privilege_type,
        relname,
        case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
        case when is_grantable then ' with grant option' end
    )
from pg_class
cross join aclexplode(relacl)
where relnamespace = to_regnamespace(quote_ident(current_schema())) and relname = any(:names) and grantee <> relowner
""")


class PostgreSQL(Database):
    """Another PostgreSQL, through psycopg2 unless the URL names another driver."""

    sql_dialect: ClassVar[str] = "postgres"
    default_driver: ClassVar[str] = "psycopg2"

    @classmethod
    def engine_options(cls, url: sa.URL) -> dict[str, Any]:
        """Return the options of SQLAlchemy's engine."""
        if url.get_driver_name() not in ("psycopg2", "psycopg"):
            return {}
        # PGSERVICE is about the warehouse.
        settings = dataclasses.replace(Settings.from_environment(), has_service="service" in url.query)
        options = {"connect_timeout": _CONNECT_SECONDS, **client_parameters("", settings)}
        return {"connect_args": {name: value for name, value in options.items() if name not in url.query}}

    @property
    def server(self) -> str:
        """Name and version of the database."""
        return f"PostgreSQL {'.'.join(map(str, self.connection.dialect.server_version_info or ()))}"

    def prepare(self) -> None:
        """Check the version, and set up the transaction."""
        (major, *_) = self.connection.dialect.server_version_info or (0,)
        if int(major) < _MINIMUM:
            raise TargetVersionError(
                f"The target is {self.server}, but PostgreSQL {_MINIMUM} or newer is needed: upgrade it."
            )
        # The transaction is idle while the warehouse sorts. Once its client is lost, the server ends it and its locks.
        self.execute("set local idle_in_transaction_session_timeout = '1h'")
        if self.connection.dialect.driver in ("psycopg2", "psycopg"):
            cursor: Any = self.connection.connection.cursor()
            with contextlib.closing(cursor):
                notice_lost_client(cursor, Settings.from_environment())

    def lock(self, on_wait: Callable[[], object]) -> None:
        """Take a lock that belongs to the transaction, the only one of a publish."""
        if not self.connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))):
            on_wait()
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))

    def column_type(self, column: sa.Column[Any]) -> TypeEngine[Any]:
        """Return the type of the column, whose text is in the order of its bytes."""
        if isinstance(column.type, sa.String):
            return type(column.type)(column.type.length, collation="C")
        return column.type

    @staticmethod
    def as_text(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """Return an expression for the text of a number or time."""
        if isinstance(column.type, sa.DateTime):
            return sa.func.to_char(column, "YYYY-MM-DD HH24:MI:SS.US")
        if isinstance(column.type, sa.Boolean):
            column = sa.cast(column, sa.Integer)  # type: ignore[assignment]
        return sa.cast(column, sa.Text)

    def upsert(self, table: sa.Table) -> sa.Insert:
        """Return the statement that inserts rows, and updates those whose key exists."""
        statement = postgresql.insert(table)
        new = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
        return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)

    def analyze(self, tables: Sequence[str]) -> None:
        """Update the statistics of tables that were filled for the first time."""
        self.execute(f"analyze {', '.join(map(self.quoted, tables))}")

    def rename_table(self, name: str, new_name: str) -> None:
        """Rename a table and its constraints, which are named after it."""
        super().rename_table(name, new_name)
        constraints = list(self.connection.scalars(_CONSTRAINTS, {"table": self.quoted(new_name), "name": name}))
        for constraint in constraints:
            self.execute(
                f"alter table {self.quoted(new_name)} rename constraint {self.quoted(constraint)} "
                f"to {self.quoted(constraint.replace(name, new_name, 1))}"
            )

    def grants(self, names: Sequence[str]) -> list[str]:
        """Return the statements that grant to others again what they may do with tables that are being replaced."""
        return list(self.connection.scalars(_GRANTS, {"names": list(names)}))

    @staticmethod
    def explain(error: BaseException, *, writes_rows: bool) -> str:  # noqa: ARG004 - it quotes rows further down
        """Return what the server says on one line, and the names of what depends on a table that cannot be dropped."""
        if _DEPENDENTS in (getattr(error, "pgcode", None), getattr(error, "sqlstate", None)):
            # Names of views, tables and constraints.
            dependents = " ".join(str(error.diag.message_detail).split())  # type: ignore[attr-defined]
            return f"{one_line(error)} ({dependents}); drop that, and create it again after the publish"
        return one_line(error)
