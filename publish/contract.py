"""What is published: the tables and the view, as the models declare them and as the target holds them."""

import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from publish.databases import Database
from publish.errors import ContractError
from publish.source import Source
from publish.translation import translate_check, translate_view

TABLES = ("companies", "charges")
VIEW = "daily_transaction_summary"


@dataclass(frozen=True)
class Contract:
    """The tables and the view on one target.

    Attributes:
        sources: The tables in the warehouse; those that foreign keys refer to come first.
        definition: The query of the view in the warehouse.
        database: The target.
    """

    sources: tuple[sa.Table, ...]
    definition: str
    database: Database

    @classmethod
    def read(cls, source: Source, database: Database) -> "Contract":
        """Read the contract from the warehouse.

        Raises:
            ReadError: The warehouse refused a query.
            ContractError: A table has no primary key, by which rows are compared, or what should be a table or view is
                none.
        """
        sources = tuple(source.reflect(TABLES))
        for table in sources:
            if not table.primary_key.columns:
                raise ContractError(f"{table.name} has no primary key in the warehouse: run `dbt build`.")
        return cls(sources, source.view_definition(VIEW), database)

    def tables(self, suffix: str = "") -> list[sa.Table]:
        """Return the tables of the target, in the order of the sources.

        Args:
            suffix: What their names end with.

        Raises:
            ContractError: The target has no type for a column, or a check may mean something else there.
        """
        catalogue = sa.MetaData()
        return [self._table(table, catalogue, suffix) for table in self.sources]

    def view_query(self, suffix: str = "") -> str:
        """Return the query of the view for the target.

        Args:
            suffix: What the names of the tables end with.

        Raises:
            ContractError: It reads other tables, or may mean something else there.
        """
        names = {table.name: table.name + suffix for table in self.sources}
        database = self.database
        return translate_view(
            self.definition,
            database.sql_dialect,
            names,
            has_decimals=database.has_decimals,
            has_dates=database.has_dates,
        )

    @property
    def digests(self) -> dict[str, str]:
        """For each table a digest of the statements that create all of them, and for the view one of its query."""
        dialect = self.database.connection.dialect
        statements = [str(CreateTable(table).compile(dialect=dialect)) for table in self.tables()]
        of_tables = _digest("\0".join(statements))
        return {**{table.name: of_tables for table in self.sources}, VIEW: _digest(self.view_query())}

    def _table(self, source: sa.Table, catalogue: sa.MetaData, suffix: str) -> sa.Table:
        constraints: list[sa.schema.SchemaItem] = []
        for constraint in sorted(source.constraints, key=lambda one: str(one.name)):
            if isinstance(constraint, sa.CheckConstraint):
                condition = translate_check(str(constraint.sqltext), self.database.sql_dialect)
                # A colon would be a parameter.
                constraints.append(sa.CheckConstraint(condition.replace(":", r"\:")))
            elif isinstance(constraint, sa.ForeignKeyConstraint):
                referred = [f"{key.column.table.name}{suffix}.{key.column.name}" for key in constraint.elements]
                names = [column.name for column in constraint.columns]
                constraints.append(sa.ForeignKeyConstraint(names, referred))
                if not self.database.indexes_foreign_keys:
                    # Names of indexes are those of the whole schema, and the table that is replaced has one too.
                    constraints.append(sa.Index(f"{source.name}_{'_'.join(names)}_{secrets.token_hex(4)}", *names))
        return self.database.described_table(source.name + suffix, source.columns.values(), catalogue, constraints)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
