"""MySQL and MariaDB."""

import hashlib
import socket
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from publish.databases.base import Database, unknown_type
from publish.errors import TargetVersionError
from warehouse.errors import SettingsError
from warehouse.lost_peers import keep_alive
from warehouse.settings import Settings

# From MariaDB 10.6 and MySQL 8.0 on, RENAME TABLE changes all names or none, even if the server is killed; 10.11 is the
# oldest MariaDB that is still maintained. MySQL has invisible columns from 8.0.23 on.
_MINIMUM_MARIADB = (10, 11)
_MINIMUM_MYSQL = (8, 0, 23)

_CONNECT_SECONDS = 10

# How long a statement waits for readers that keep a table from being renamed; others wait behind it meanwhile.
_LOCK_SECONDS = 60

# How long the connection may be idle while the warehouse sorts, and how long a client that is lost keeps its lock.
_IDLE_SECONDS = 3_600

# How long the server may take to answer a statement, such as one that creates a table of the view's rows.
_ANSWER_SECONDS = 3_600

_SESSION = f"""
set
    session sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    session time_zone = '+00:00',
    session foreign_key_checks = 1,
    session unique_checks = 1,
    session lock_wait_timeout = {_LOCK_SECONDS},
    session wait_timeout = {_IDLE_SECONDS},
    session net_write_timeout = {_IDLE_SECONDS}
"""

# A VARCHAR of more characters than these has more bytes than a row may have.
_LONGEST_VARCHAR = 16_383

_PRIMARY_KEY = sa.text("""
    select column_name
    from information_schema.key_column_usage
    where table_schema = database() and table_name = :table and constraint_name = 'PRIMARY'
    order by ordinal_position
""")

_MOST_DIGITS = 65
_MOST_DECIMAL_PLACES = 30

# Errors whose text does not quote rows: the disk or the table is full, missing rights, a packet that is too large, a
# lock that was not given, a deadlock, a server or an account that may only read, a connection that is lost.
_ERRORS_WITHOUT_ROWS = {1021, 1114, 1142, 1143, 1153, 1205, 1213, 1290, 1836, 2006, 2013, 2055}


class MySQL(Database):
    """MySQL and MariaDB, through PyMySQL unless the URL names another driver."""

    sql_dialect: ClassVar[str] = "mysql"
    default_driver: ClassVar[str] = "pymysql"
    has_transactional_ddl: ClassVar[bool] = False
    indexes_foreign_keys: ClassVar[bool] = True

    @classmethod
    def completed_url(cls, url: sa.URL) -> sa.URL:
        """Return the URL with the driver, which has to name a database.

        Raises:
            SettingsError: It names none.
        """
        if not url.database:
            raise SettingsError("The URL names no database: write mysql+pymysql://USER@HOST/DATABASE.")
        return super().completed_url(url)

    @classmethod
    def engine_options(cls, url: sa.URL) -> dict[str, Any]:
        """Return the options of SQLAlchemy's engine."""
        driver = url.get_driver_name()
        options: dict[str, Any] = {}
        if driver in ("pymysql", "mysqldb"):
            options = {"connect_timeout": _CONNECT_SECONDS, "charset": "utf8mb4"}
        if driver == "pymysql":
            # It waits for ever otherwise, even for the greeting of a server that is suspended.
            options |= {"read_timeout": _ANSWER_SECONDS, "write_timeout": _ANSWER_SECONDS}
        return {"connect_args": {name: value for name, value in options.items() if name not in url.query}}

    @property
    def server(self) -> str:
        """Name and version of the database."""
        version = ".".join(map(str, self._version))
        return f"{'MariaDB' if self._is_mariadb else 'MySQL'} {version}"

    @property
    def _is_mariadb(self) -> bool:
        return bool(getattr(self.connection.dialect, "is_mariadb", False))

    @property
    def _version(self) -> tuple[int, ...]:
        found = self.connection.dialect.server_version_info or ()
        return tuple(part for part in found if isinstance(part, int))[:3]

    def prepare(self) -> None:
        """Check the version, and set up the session."""
        # PyMySQL names no other way to it.
        if isinstance(opened := getattr(self.connection.connection.driver_connection, "_sock", None), socket.socket):
            keep_alive(opened, Settings.from_environment())
        minimum = _MINIMUM_MARIADB if self._is_mariadb else _MINIMUM_MYSQL
        if self._version < minimum:
            name = "MariaDB" if self._is_mariadb else "MySQL"
            raise TargetVersionError(
                f"The target is {self.server}, but {name} {'.'.join(map(str, minimum))} or newer is needed: upgrade it."
            )
        self.execute(_SESSION)
        self.execute("set session transaction isolation level repeatable read")
        self.execute(f"set names utf8mb4 collate {self._collation}")

    @property
    def _collation(self) -> str:
        """A collation by bytes that does not ignore spaces at the end."""
        return "utf8mb4_nopad_bin" if self._is_mariadb else "utf8mb4_0900_bin"

    def lock(self, on_wait: Callable[[], object]) -> None:
        """Take a lock that belongs to the session: it is free when the session ends, however it ends."""
        # A name has at most 64 characters and is the server's, not the database's.
        name = f"publish {hashlib.sha256(self._schema.encode()).hexdigest()[:32]}"
        take = sa.select(sa.func.get_lock(name, sa.bindparam("seconds")))
        if not self.connection.scalar(take, {"seconds": 0}):
            on_wait()
            while not self.connection.scalar(take, {"seconds": _LOCK_SECONDS}):
                pass
        self.connection.commit()

    @property
    def _schema(self) -> str:
        return str(self.connection.engine.url.database)

    def column_type(self, column: sa.Column[Any]) -> TypeEngine[Any]:
        """Return the type that holds the values of a column of the warehouse without loss."""
        kind = column.type
        if isinstance(kind, sa.Numeric) and kind.precision is not None and not isinstance(kind, sa.Float):
            if kind.precision <= _MOST_DIGITS and (kind.scale or 0) <= _MOST_DECIMAL_PLACES:
                return mysql.DECIMAL(kind.precision, kind.scale)
        elif isinstance(kind, sa.String):
            if kind.length is not None and kind.length <= _LONGEST_VARCHAR:
                return mysql.VARCHAR(kind.length)
            return mysql.LONGTEXT()
        elif isinstance(kind, sa.DateTime) and not kind.timezone:
            # TIMESTAMP would end in 2038.
            return mysql.DATETIME(fsp=6)
        elif isinstance(kind, (sa.Integer, sa.Date, sa.Boolean)):
            return kind.as_generic()
        raise unknown_type(column, "this database")

    def primary_key(self, table: str) -> list[str]:
        """Return the names of the columns of a table's primary key, in its order; none if it has no key."""
        # SQLAlchemy's inspector would turn the conversion of errors off for the rest of the connection.
        return list(self.connection.scalars(_PRIMARY_KEY, {"table": table}))

    @property
    def table_options(self) -> dict[str, str]:
        """The options of each table, whatever the defaults of the server are."""
        options = {"engine": "InnoDB", "charset": "utf8mb4", "collate": self._collation}
        name = self.connection.dialect.name
        return {f"{name}_{option}": value for option, value in options.items()}

    @staticmethod
    def as_text(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """Return an expression for the text of a number or time."""
        # Times have as many decimal places as the column.
        return sa.cast(column, sa.CHAR)

    def upsert(self, table: sa.Table) -> sa.Insert:
        """Return the statement, in the form that drivers combine for many rows."""
        # MySQL's newer form names the row, which PyMySQL does not combine.
        new = {
            column.name: sa.func.values(sa.column(column.name)) for column in table.columns if not column.primary_key
        }
        return mysql.insert(table).on_duplicate_key_update(new)

    def analyze(self, tables: Sequence[str]) -> None:
        """Update the statistics of tables that were filled for the first time."""
        self.execute(f"analyze table {', '.join(map(self.quoted, tables))}").close()

    @staticmethod
    def explain(error: BaseException, *, writes_rows: bool) -> str:
        """Return what the database says of an error, as its number if the text may quote a row."""
        if len(error.args) < 2:
            return Database.explain(error, writes_rows=writes_rows)
        number, text = error.args[:2]
        if writes_rows and number not in _ERRORS_WITHOUT_ROWS:
            return f"a row was refused (error {number})"
        return " ".join(str(text).split()).rstrip(".")

    def create_table_of(self, name: str, query: str) -> None:
        """Create a table with the rows of a query."""
        # Clusters want a key; `select *` does not show it.
        self.execute(
            f"create table {self.quoted(name)} (publication_row bigint not null auto_increment invisible primary key) "
            f"engine = InnoDB default charset = utf8mb4 collate = {self._collation} as {query}"
        )

    def rename(self, names: dict[str, str]) -> None:
        """Rename tables and views in one statement: readers see all of the old names or all of the new ones."""
        pairs = (f"{self.quoted(old)} to {self.quoted(new)}" for old, new in names.items())
        self.execute(f"rename table {', '.join(pairs)}")

    def foreign_references(self, tables: Sequence[str]) -> list[str]:
        """Return the names of other tables whose foreign keys refer to these."""
        ours = sa.bindparam("tables", list(tables), expanding=True, type_=sa.String())
        statement = sa.text(
            "select distinct table_name from information_schema.referential_constraints"
            " where unique_constraint_schema = :schema and referenced_table_name in :tables"
            " and not (constraint_schema = :schema and table_name in :tables)"
        ).bindparams(ours)
        return list(self.connection.scalars(statement, {"schema": self._schema}))
