"""What a database has to offer so that the marts can be published to it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from publish.errors import ContractError


class Database(ABC):
    """A database that is published to, on one connection.

    Attributes:
        sql_dialect: Name of its dialect in sqlglot.
        default_driver: The driver that is meant by a URL that names none.
        connection_advice: What to do if there is no connection.
        has_decimals: Whether it has decimals, so that its sums are exact.
        has_dates: Whether it has dates and times; otherwise they are texts.
        has_transactional_ddl: Whether tables can be created, renamed and dropped within a transaction.
        indexes_foreign_keys: Whether it creates the index behind a foreign key by itself.
        connection: The connection.
    """

    sql_dialect: ClassVar[str]
    default_driver: ClassVar[str]
    connection_advice: ClassVar[str] = "Check the URL, and that the server is running."
    has_decimals: ClassVar[bool] = True
    has_dates: ClassVar[bool] = True
    has_transactional_ddl: ClassVar[bool] = True
    indexes_foreign_keys: ClassVar[bool] = False

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    @classmethod
    def completed_url(cls, url: sa.URL) -> sa.URL:
        """Return the URL with what it leaves out.

        Raises:
            SettingsError: It leaves out what cannot be guessed.
        """
        return url if "+" in url.drivername else url.set(drivername=f"{url.drivername}+{cls.default_driver}")

    @classmethod
    def engine_options(cls, url: sa.URL) -> dict[str, Any]:  # noqa: ARG003 - subclasses look at it
        """Return the options of SQLAlchemy's engine."""
        return {}

    @property
    @abstractmethod
    def server(self) -> str:
        """Name and version of the database, such as MariaDB 10.11.18."""

    @abstractmethod
    def prepare(self) -> None:
        """Check the version, and set up the session, so that no setting of the server changes what is published.

        Raises:
            TargetVersionError: The database is too old.
        """

    @abstractmethod
    def lock(self, on_wait: Callable[[], object]) -> None:
        """Wait until nobody else publishes to this database, and keep others waiting until the connection ends.

        Args:
            on_wait: Called once if somebody else publishes.
        """

    @abstractmethod
    def column_type(self, column: sa.Column[Any]) -> TypeEngine[Any]:
        """Return the type that holds the values of a column of the warehouse without loss.

        Raises:
            ContractError: There is none.
        """

    @property
    def table_options(self) -> dict[str, str]:
        """The options of each table."""
        return {}

    def described_table(
        self,
        name: str,
        columns: Iterable[sa.Column[Any]],
        catalogue: sa.MetaData,
        constraints: Iterable[sa.schema.SchemaItem] = (),
    ) -> sa.Table:
        """Return a table of this database.

        Args:
            name: Its name.
            columns: Columns with the types of the warehouse.
            catalogue: Where its foreign keys find other tables.
            constraints: Its constraints besides the primary key, and its indexes.

        Raises:
            ContractError: There is no type for a column.
        """
        typed = (
            sa.Column(
                column.name,
                self.column_type(column),
                primary_key=column.primary_key,
                nullable=column.nullable,
                autoincrement=False,
            )
            for column in columns
        )
        options: dict[str, Any] = self.table_options
        return sa.Table(name, catalogue, *typed, *constraints, **options)

    @staticmethod
    @abstractmethod
    def as_text(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """Return an expression for the text of a number or time, which is the same text on all databases."""

    @staticmethod
    def length(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """Return an expression for the number of characters of a text."""
        return sa.func.char_length(column)

    @staticmethod
    def joined(parts: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
        """Return an expression for parts in one text, with commas between them. None of the parts is NULL."""
        return sa.func.concat_ws(",", *parts)

    @abstractmethod
    def upsert(self, table: sa.Table) -> sa.Insert:
        """Return the statement that inserts rows, and updates those whose key exists."""

    @abstractmethod
    def analyze(self, tables: Sequence[str]) -> None:
        """Update the statistics of tables that were filled for the first time."""

    def grants(self, names: Sequence[str]) -> list[str]:  # noqa: ARG002 - subclasses look at it
        """Return the statements that grant to others again what they may do with tables that are being replaced."""
        return []

    def largest_total(self, scale: int) -> int | None:  # noqa: ARG002 - subclasses look at it
        """Return the number from which on totals with so many decimal places are not exact; None if all are."""
        return None

    @staticmethod
    def explain(error: BaseException, *, writes_rows: bool) -> str:  # noqa: ARG004 - subclasses look at it
        """Return what the database says of an error: one line without the contents of rows."""
        return " ".join(str(error).split()).rstrip(".?")

    def execute(self, statement: str) -> sa.CursorResult[Any]:
        """Execute a statement as it is written."""
        # Drivers would take a % in it for the place of a parameter.
        return self.connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def quoted(self, name: str) -> str:
        """Return an identifier for the text of a statement."""
        return str(self.connection.dialect.identifier_preparer.quote_identifier(name))

    def relations(self) -> dict[str, bool]:
        """Return all tables and views of the schema, and whether each is a view."""
        inspector = sa.inspect(self.connection)
        return dict.fromkeys(inspector.get_table_names(), False) | dict.fromkeys(inspector.get_view_names(), True)

    def columns(self, relation: str) -> set[str]:
        """Return the names of the columns of a table or view."""
        # SQLAlchemy's inspector would turn the conversion of errors off for the rest of the connection.
        return set(self.connection.execute(sa.select(sa.text("*")).select_from(sa.table(relation)).limit(0)).keys())

    def primary_key(self, table: str) -> list[str]:
        """Return the names of the columns of a table's primary key, in its order; none if it has no key."""
        return list(sa.inspect(self.connection).get_pk_constraint(table)["constrained_columns"])

    def rename_table(self, name: str, new_name: str) -> None:
        """Rename a table, within a transaction."""
        self.execute(f"alter table {self.quoted(name)} rename to {self.quoted(new_name)}")

    def drop(self, name: str, *, is_view: bool) -> None:
        """Drop a table or view."""
        self.execute(f"drop {'view' if is_view else 'table'} {self.quoted(name)}")


def unknown_type(column: sa.Column[Any], database: str) -> ContractError:
    """Return the error for a column that a database has no type for."""
    return ContractError(
        f"The column {column.name} has the type {column.type!r}, for which {database} has no type that holds "
        "all of its values: change the model, or publish to PostgreSQL."
    )
