"""Replace the tables and the view by those of a new contract, so that readers see all of the old ones or of the new."""

import sqlalchemy as sa

from publish.contract import VIEW, Contract
from publish.databases.mysql import MySQL
from publish.errors import OwnershipError
from publish.record import NAME, Record
from publish.results import PublishedTable, TableProgress
from publish.rows import TableCopy
from publish.source import Source

# What the names of tables end with while they are built beside those that readers see, and until they are dropped.
_NEXT = "__next"
_OLD = "__old"


def replace_in_transaction(
    contract: Contract, source: Source, record: Record, on_progress: TableProgress
) -> dict[str, PublishedTable]:
    """Replace everything within the transaction, where the database can.

    Raises:
        OwnershipError: A table or view there is not ours.
        TargetError: The target refused a statement.
    """
    database = contract.database
    connection = database.connection
    names = [table.name for table in contract.sources]
    tables = contract.tables(_NEXT)
    record.require_ours([*names, VIEW, *(table.name for table in tables)])
    record.claim([*names, VIEW])
    written = _fill(contract, source, tables, on_progress)
    existing = database.relations()
    grants = database.grants([*names, VIEW])
    for name in (VIEW, *reversed(names)):
        if name in existing:
            database.drop(name, is_view=existing[name])
    for name, table in zip(names, tables, strict=True):
        database.rename_table(table.name, name)
    _create_view(contract, VIEW)
    for grant in grants:
        database.execute(grant)
    record.set_contracts(contract.digests)
    connection.commit()
    return written


def replace_by_renaming(
    contract: Contract, source: Source, record: Record, on_progress: TableProgress
) -> dict[str, PublishedTable]:
    """Build everything beside what readers see, then rename all of it at once.

    For databases that commit with every statement that creates, renames or drops something. A view whose query is the
    same stays: it goes by the names of its tables. Another one can be created only where its tables are, so what takes
    the view's place at first is a table of its rows, which `finish_renaming` exchanges for the view.

    Raises:
        OwnershipError: A table or view there is not ours, or the foreign key of one refers to ours.
        TargetError: The target refused a statement.
    """
    database = _renaming_database(contract)
    connection = database.connection
    digests = contract.digests
    tables_and_record = [*(table.name for table in reversed(contract.sources)), NAME]
    record.require_ours([VIEW, *tables_and_record[:-1]])
    keeps_view = record.contracts.get(VIEW) == digests[VIEW] and database.relations().get(VIEW) is True
    names = tables_and_record if keeps_view else [VIEW, *tables_and_record]
    referring = database.foreign_references([table.name for table in contract.sources])
    if referring:
        raise OwnershipError(
            f"A foreign key of the table {referring[0]!r} refers to a published table that has to be replaced: "
            "drop that key, publish, and add it again."
        )
    record.claim([name + suffix for name in names for suffix in (_NEXT, _OLD)])
    connection.commit()
    tables = contract.tables(_NEXT)
    written = _fill(contract, source, tables, on_progress)
    if not keeps_view:
        database.create_table_of(VIEW + _NEXT, contract.view_query(_NEXT))
    record.set_contracts(digests, record.copy(NAME + _NEXT))
    connection.commit()
    existing = database.relations()
    renamed = {}
    for name in names:
        if name in existing:
            renamed[name] = name + _OLD
        renamed[name + _NEXT] = name
    database.rename(renamed)
    finish_renaming(contract, record)
    return written


def finish_renaming(contract: Contract, record: Record) -> None:
    """Drop what a rename has replaced, or what a publish that was killed left behind; and put the view in its place.

    Raises:
        TargetError: The target refused a statement.
    """
    database = _renaming_database(contract)
    _drop_others(contract, record)
    if contract.digests.items() <= record.contracts.items() and database.relations().get(VIEW) is False:
        record.claim([VIEW + _NEXT, VIEW + _OLD])
        database.connection.commit()
        _create_view(contract, VIEW + _NEXT)
        database.rename({VIEW: VIEW + _OLD, VIEW + _NEXT: VIEW})
        _drop_others(contract, record)


def _drop_others(contract: Contract, record: Record) -> None:
    """Drop the tables and views of ours that readers are not meant to see."""
    database = contract.database
    existing = database.relations()
    ours = record.contracts
    bases = [VIEW, *(table.name for table in reversed(contract.sources)), NAME]
    others = [name + suffix for name in bases for suffix in (_NEXT, _OLD) if name + suffix in ours]
    for name in others:
        if name in existing:
            database.drop(name, is_view=existing[name])
    record.release(others)
    database.connection.commit()


def _fill(
    contract: Contract, source: Source, tables: list[sa.Table], on_progress: TableProgress
) -> dict[str, PublishedTable]:
    """Create tables with all rows, and return what was written by the names of the sources."""
    database = contract.database
    written = {}
    for original, table in zip(contract.sources, tables, strict=True):
        table.create(database.connection)
        copy = TableCopy(source, original, database, table)
        written[original.name] = copy.fill(source.table_progress(original, on_progress))
    database.analyze([table.name for table in tables])
    return written


def _create_view(contract: Contract, name: str) -> None:
    database = contract.database
    database.execute(f"create view {database.quoted(name)} as {contract.view_query()}")


def _renaming_database(contract: Contract) -> MySQL:
    assert isinstance(contract.database, MySQL)
    return contract.database
