"""Compare the rows of a table on both sides, in the order of their keys, and write what differs."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from publish.databases import Database, PostgreSQL
from publish.results import PublishedTable
from publish.source import Source

Row = tuple[Any, ...]
Progress = Callable[[int], object]

# How many rows are held in memory of each side. Pages of the target are queries of their own: a cursor that stays open
# would keep its connection from writing, or hold all rows.
_PAGE = 5_000

# How many rows are deleted by one statement.
_DELETED_AT_ONCE = 1_000


class TableCopy:
    """A table of the warehouse and its copy on the target.

    Args:
        source: The snapshot of the warehouse.
        original: The table there.
        database: The target.
        copy: The table there.
    """

    def __init__(self, source: Source, original: sa.Table, database: Database, copy: sa.Table) -> None:
        self._source = source
        self._original = original
        self._database = database
        self._copy = copy
        self._names = list(original.columns.keys())
        self._key_names = list(original.primary_key.columns.keys())

    def fill(self, on_progress: Progress) -> PublishedTable:
        """Insert all rows into the copy, which is empty, and commit now and then where readers do not see it yet."""
        rows = 0
        insert = sa.insert(self._copy)
        for page in self._source_pages(self._original.columns.values()):
            self._write(insert, page)
            if not self._database.has_transactional_ddl:
                self._database.connection.commit()
            rows += len(page)
            on_progress(len(page))
        return PublishedTable(rows=rows, inserted=rows)

    def bring_up_to_date(self, on_progress: Progress, *, delete: bool) -> PublishedTable:
        """Insert and update the rows that differ, and delete those that the warehouse no longer has.

        Args:
            on_progress: Called with the number of rows compared since the last call.
            delete: Whether rows are deleted, or only counted as such, for `delete_vanished`.
        """
        rows = inserted = updated = deleted = 0
        changed: list[Row] = []
        vanished: list[Row] = []
        for key, old, new in self._compared(on_progress):
            rows += new is not None
            if new is None:
                deleted += 1
                if delete:
                    vanished.append(key)
            elif old != new:
                inserted += old is None
                updated += old is not None
                changed.append(key)
            if len(changed) == _PAGE:
                self._copy_rows(changed)
                changed.clear()
            if len(vanished) == _DELETED_AT_ONCE:
                self._delete(vanished)
                vanished.clear()
        self._copy_rows(changed)
        self._delete(vanished)
        return PublishedTable(rows=rows, inserted=inserted, updated=updated, deleted=deleted)

    def delete_vanished(self) -> None:
        """Delete the rows that the warehouse no longer has."""
        keys = (key for key, _, new in self._compared(lambda _: None) if new is None)
        while batch := list(itertools.islice(keys, _DELETED_AT_ONCE)):
            self._delete(batch)

    def _compared(self, on_progress: Progress) -> Iterator[tuple[Row, str | None, str | None]]:
        """Yield keys with the fingerprints of its row on the target and in the warehouse; None where there is none."""
        originals = self._counted(self._original_pages(), on_progress)
        copies = itertools.chain.from_iterable(self._copy_pages())
        new = next(originals, None)
        old = next(copies, None)
        while new is not None or old is not None:
            if old is None or (new is not None and new[:-1] < old[:-1]):
                yield new[:-1], None, new[-1]  # type: ignore[index]
                new = next(originals, None)
            elif new is None or old[:-1] < new[:-1]:
                yield old[:-1], old[-1], None
                old = next(copies, None)
            else:
                yield new[:-1], old[-1], new[-1]
                new, old = next(originals, None), next(copies, None)

    @staticmethod
    def _counted(pages: Iterable[Sequence[Row]], on_progress: Progress) -> Iterator[Row]:
        for page in pages:
            yield from page
            on_progress(len(page))

    def _original_pages(self) -> Iterator[list[Row]]:
        return self._source_pages(
            [*self._original.primary_key.columns, _fingerprint(self._original.columns.values(), PostgreSQL)]
        )

    def _source_pages(self, selected: Sequence[sa.ColumnElement[Any]]) -> Iterator[list[Row]]:
        statement = sa.select(*selected).order_by(*map(_by_bytes, self._original.primary_key.columns))
        options = {"stream_results": True, "yield_per": _PAGE}
        for page in self._source.connection.execute(statement, execution_options=options).partitions():
            yield list(map(tuple, page))

    def _copy_pages(self) -> Iterator[list[Row]]:
        key = list(self._copy.primary_key.columns)
        after = [sa.bindparam(f"after_{column.name}", type_=column.type) for column in key]
        fingerprint = _fingerprint([self._copy.columns[name] for name in self._names], type(self._database))
        statement = sa.select(*key, fingerprint).order_by(*key).limit(_PAGE)
        following = statement.where(key[0] > after[0] if len(key) == 1 else sa.tuple_(*key) > sa.tuple_(*after))
        values: dict[str, Any] = {}
        while page := list(map(tuple, self._database.connection.execute(statement, values))):
            yield page
            statement = following
            values = {bound.key: value for bound, value in zip(after, page[-1], strict=False)}

    def _copy_rows(self, keys: Sequence[Row]) -> None:
        """Insert or update the rows with these keys."""
        if keys:
            statement = sa.select(self._original).where(_is_one_of(self._original, keys))
            rows = list(map(tuple, self._source.connection.execute(statement)))
            self._write(self._database.upsert(self._copy), rows)

    def _write(self, statement: sa.Insert, rows: Sequence[Row]) -> None:
        self._database.connection.execute(statement, [dict(zip(self._names, row, strict=True)) for row in rows])

    def _delete(self, keys: Sequence[Row]) -> None:
        if keys:
            self._database.connection.execute(sa.delete(self._copy).where(_is_one_of(self._copy, keys)))


def _is_one_of(table: sa.Table, keys: Sequence[Row]) -> sa.ColumnElement[bool]:
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([value for (value,) in keys])
    return sa.tuple_(*columns).in_(keys)


def _fingerprint(columns: Sequence[sa.Column[Any]], database: type[Database]) -> sa.ColumnElement[Any]:
    """Return an expression for all of a row in one text, which two rows have in common only if they are equal.

    It is the same text on all databases. One text is read in a fraction of the time that the values take.
    """
    texts = [column for column in columns if isinstance(column.type, sa.String)]
    others = [column for column in columns if not isinstance(column.type, sa.String)]
    # The lengths say where each text ends, and -1 is no text at all.
    return database.joined(
        [
            *(sa.func.coalesce(database.as_text(column), "") for column in others),
            *(sa.func.coalesce(database.length(column), -1) for column in texts),
            *(sa.func.coalesce(column, "") for column in texts),
        ]
    ).label("fingerprint")


def _by_bytes(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Order text as the targets and Python do, whatever the order of the database is."""
    return sa.collate(column, "C") if isinstance(column.type, sa.String) else column
