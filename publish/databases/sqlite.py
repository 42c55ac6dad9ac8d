"""A SQLite file."""

import functools
import sqlite3
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine, UserDefinedType

from publish.databases.base import Database, unknown_type
from publish.errors import ContractError, TargetVersionError
from warehouse.errors import SettingsError

# Renaming a table renames it in the foreign keys of others, too.
_MINIMUM = (3, 26, 0)

# How long others may keep the file locked before it is asked for again, and how long readers may keep it from changing.
_WAIT_SECONDS = 60

# Every decimal of so many digits has a floating-point number of its own.
_EXACT_DIGITS = 15


class _Number(UserDefinedType[Decimal]):
    """A decimal as the floating-point number that is nearest to it, if no other decimal is as near."""

    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        self.precision = precision
        self.scale = scale

    def get_col_spec(self, **_: object) -> str:
        return f"NUMERIC({self.precision}, {self.scale})"

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Decimal | None], float | None]:  # noqa: ARG002
        limit = Decimal(10) ** (_EXACT_DIGITS - self.scale)

        def process(value: Decimal | None) -> float | None:
            if value is None:
                return None
            if abs(value) >= limit:
                raise ContractError(
                    f"SQLite has no decimals: amounts from {limit:,} on would not be exact there. "
                    "Publish to another database, or correct the amount."
                )
            return float(value)

        return process

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Decimal | None]:  # noqa: ARG002
        unit = Decimal(1).scaleb(-self.scale)
        return lambda value: None if value is None else Decimal(repr(value)).quantize(unit)


class SQLite(Database):
    """A SQLite file, through the module of Python."""

    sql_dialect: ClassVar[str] = "sqlite"
    default_driver: ClassVar[str] = "pysqlite"
    connection_advice: ClassVar[str] = "Name a file in a directory that exists and can be written to."
    has_decimals: ClassVar[bool] = False
    has_dates: ClassVar[bool] = False

    @classmethod
    def completed_url(cls, url: sa.URL) -> sa.URL:
        """Return the URL with the driver, which has to name a file.

        Raises:
            SettingsError: It names none.
        """
        if not url.database or url.database == ":memory:":
            raise SettingsError("The URL names no file: write sqlite:///exports/marts.db.")
        return super().completed_url(url)

    @classmethod
    def engine_options(cls, url: sa.URL) -> dict[str, Any]:  # noqa: ARG003
        """Return the options of SQLAlchemy's engine."""
        return {"connect_args": {"timeout": 0}}

    @property
    def server(self) -> str:
        """Name and version of the database."""
        return f"SQLite {sqlite3.sqlite_version}"

    def prepare(self) -> None:
        """Check the version, and let transactions begin where we say so, with DDL in them."""
        if sqlite3.sqlite_version_info < _MINIMUM:
            raise TargetVersionError(
                f"Python's SQLite is {sqlite3.sqlite_version}, but {'.'.join(map(str, _MINIMUM))} or newer is needed."
            )

        self._driver.isolation_level = None
        self._driver.execute("pragma foreign_keys = on")

    @property
    def _driver(self) -> sqlite3.Connection:
        driver = self.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver

    def lock(self, on_wait: Callable[[], object]) -> None:
        """Begin a transaction that writes, of which there is one at a time."""
        # As itself, since errors on SQLAlchemy's connection are already what the user reads.
        driver = self._driver
        said = False
        while True:
            try:
                driver.execute("begin immediate")
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    # It says so again, as an error of this program.
                    self.execute("begin immediate")
                if not said:
                    on_wait()
                    driver.execute(f"pragma busy_timeout = {1000 * _WAIT_SECONDS}")
                said = True
            else:
                # A commit waits for those who are reading.
                driver.execute(f"pragma busy_timeout = {1000 * _WAIT_SECONDS}")
                return

    def column_type(self, column: sa.Column[Any]) -> TypeEngine[Any]:
        """Return the type that holds the values of a column of the warehouse without loss."""
        kind = column.type
        if isinstance(kind, sa.Numeric) and kind.precision is not None and not isinstance(kind, sa.Float):
            return _Number(kind.precision, kind.scale or 0)
        if isinstance(kind, sa.String):
            return type(kind)(kind.length)
        if isinstance(kind, sa.DateTime) and not kind.timezone:
            return sa.DateTime()
        if isinstance(kind, (sa.Integer, sa.Date, sa.Boolean)):
            return kind.as_generic()
        raise unknown_type(column, "SQLite")

    @staticmethod
    def as_text(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """Return an expression for the text of a number or time."""
        if isinstance(column.type, _Number):
            return sa.func.printf(f"%.{column.type.scale}f", column)
        return sa.cast(column, sa.Text)

    @staticmethod
    def length(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """Return an expression for the number of characters of a text."""
        return sa.func.length(column)

    @staticmethod
    def joined(parts: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
        """Return an expression for parts in one text, with commas between them. None of the parts is NULL."""
        # Without concat_ws, which came with SQLite 3.44.
        texts = [sa.cast(part, sa.Text) for part in parts]
        return functools.reduce(lambda one, other: one.concat(",").concat(other), texts)

    def upsert(self, table: sa.Table) -> sa.Insert:
        """Return the statement that inserts rows, and updates those whose key exists."""
        statement = sqlite.insert(table)
        new = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
        return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)

    def analyze(self, tables: Sequence[str]) -> None:
        """Update the statistics of tables that were filled for the first time."""
        for table in tables:
            self.execute(f"analyze {self.quoted(table)}")

    def largest_total(self, scale: int) -> int | None:
        """Return the number from which on totals with so many decimal places are not exact."""
        return int(10 ** (_EXACT_DIGITS - scale))
