"""The table `publication` on the target: which tables there are ours, and by which contract they were built."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from publish.databases import Database
from publish.errors import OwnershipError

NAME = "publication"

_COLUMNS = {"name", "contract", "published_at"}


class Record:
    """The table `publication`, which is created when something is recorded first.

    Args:
        database: The target.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.table = self._described(NAME)
        if NAME in database.relations():
            if database.columns(NAME) != _COLUMNS:
                raise OwnershipError(_not_ours(NAME))
            self._exists = True
        else:
            self._exists = False

    @property
    def contracts(self) -> dict[str, str | None]:
        """The digest of each table and view that is ours, from `Contract.digests`; None if its publish only began."""
        if not self._exists:
            return {}
        columns = self.table.columns
        rows: Iterable[Any] = self._database.connection.execute(sa.select(columns["name"], columns["contract"]))
        return {row.name: row.contract for row in rows}

    def claim(self, names: Collection[str]) -> None:
        """Record that tables are going to be ours.

        Raises:
            OwnershipError: Somebody else's has one of the names.
        """
        self.require_ours(names)
        if not self._exists:
            self.table.create(self._database.connection)
            self._exists = True
        missing = sorted(set(names) - self.contracts.keys())
        if missing:
            self._database.connection.execute(sa.insert(self.table), [{"name": name} for name in missing])

    def require_ours(self, names: Collection[str]) -> None:
        """Refuse to go on if somebody else has a table or view of one of these names.

        Raises:
            OwnershipError: That is so.
        """
        foreign = sorted(self._database.relations().keys() & set(names) - self.contracts.keys())
        if foreign:
            raise OwnershipError(_not_ours(foreign[0]))

    def release(self, names: Collection[str]) -> None:
        """Forget tables that no longer exist."""
        if names:
            self._database.connection.execute(
                sa.delete(self.table).where(self.table.columns["name"].in_(sorted(names)))
            )

    def set_contracts(self, digests: Mapping[str, str], table: sa.Table | None = None) -> None:
        """Record the contracts of tables and the view, and that they were published now.

        Args:
            digests: The digest of each, by its name.
            table: A copy of the record to write to, instead of the record.
        """
        record = self.table if table is None else table
        now = datetime.now(UTC).replace(tzinfo=None)
        connection = self._database.connection
        connection.execute(sa.delete(record).where(record.columns["name"].in_(sorted(digests))))
        rows = [{"name": name, "contract": digests[name], "published_at": now} for name in sorted(digests)]
        connection.execute(sa.insert(record), rows)

    def copy(self, name: str) -> sa.Table:
        """Create a copy of the record under another name, and return it."""
        copy = self._described(name)
        copy.create(self._database.connection)
        names = list(self.table.columns.keys())
        self._database.connection.execute(sa.insert(copy).from_select(names, sa.select(self.table)))
        return copy

    def _described(self, name: str) -> sa.Table:
        columns = (
            sa.Column("name", sa.String(64), primary_key=True),
            sa.Column("contract", sa.String(64)),
            sa.Column("published_at", sa.DateTime()),
        )
        return self._database.described_table(name, columns, sa.MetaData())


def _not_ours(name: str) -> str:
    return (
        f"The target has a table or view {name!r} that was not published from here, and it was left alone: "
        "rename it, or publish to another database."
    )
