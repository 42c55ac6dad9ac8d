"""Publish the marts to a target."""

import time
from collections.abc import Callable

import sqlalchemy as sa

from publish.contract import TABLES, VIEW, Contract
from publish.databases import Database
from publish.errors import ContractError
from publish.record import Record
from publish.replacing import finish_renaming, replace_by_renaming, replace_in_transaction
from publish.results import BUILT, UNCHANGED, UPDATED, PublishedTable, PublishReport, TableProgress
from publish.rows import TableCopy
from publish.source import Source, snapshot
from publish.target import connected, public_url
from warehouse.connection import default_conninfo

# The schema of the marts in production; a developer builds into one of their own.
MARTS = "analytics"


def publish(
    url: sa.URL,
    schema: str = MARTS,
    db_connection: str | None = None,
    *,
    on_progress: TableProgress = lambda _table, _rows, _estimate: None,
    on_wait: Callable[[], object] = lambda: None,
) -> PublishReport:
    """Bring `companies`, `charges` and the view `daily_transaction_summary` of another database up to date.

    All rows come from one snapshot of the warehouse. Only those that differ are written, in one transaction. If the
    contract of the marts has changed, all tables and the view are built beside those that readers see, and exchanged
    for them at once. Readers see what was published last, or all of the new, whatever is killed. Publishes to the same
    database run one at a time.

    Args:
        url: URL of the target, from `publish.target.parsed_url`.
        schema: Schema of the marts in the warehouse.
        db_connection: A libpq connection string or URI of the warehouse. Defaults to the PG* variables, else the
            embedded server.
        on_progress: Called with the name of a table, the number of its rows that were compared or written so far, and
            about how many it has, if that is known.
        on_wait: Called once if another publish to the same database is running.

    Raises:
        SettingsError: The URL cannot be used.
        MissingLibraryError: The driver of the target is not installed.
        TargetError: The target cannot be reached, is too old, or refused a statement.
        OwnershipError: The target has a table of another origin in the place of one of ours.
        ContractError: The target cannot hold the marts, or a total in them.
        NotBuiltError: The marts do not exist in the warehouse.
        ReadError: The warehouse refused a query.
        ConnectionFailedError: The warehouse cannot be reached, or the connection to it was lost.
    """
    started = time.monotonic()
    conninfo = db_connection or default_conninfo()
    # The lock comes first, so that no snapshot is older than what another publish has just written.
    with connected(url) as database:
        database.lock(on_wait)
        with snapshot(conninfo, schema, (*TABLES, VIEW)) as source:
            status, tables = _publish(Contract.read(source, database), source, on_progress)
        server = database.server
    return PublishReport(
        status=status,
        target=public_url(url),
        server=server,
        schema=schema,
        tables=tables,
        view=VIEW,
        seconds=time.monotonic() - started,
    )


def _publish(contract: Contract, source: Source, on_progress: TableProgress) -> tuple[str, dict[str, PublishedTable]]:
    database = contract.database
    record = Record(database)
    if not database.has_transactional_ddl:
        finish_renaming(contract, record)
    if _is_there(contract, record):
        tables = _update(contract, source, on_progress)
        if not any(table.written for table in tables.values()):
            return UNCHANGED, tables
        _refuse_inexact_totals(source, database)
        record.set_contracts(contract.digests)
        database.connection.commit()
        return UPDATED, tables
    _refuse_inexact_totals(source, database)
    replace = replace_in_transaction if database.has_transactional_ddl else replace_by_renaming
    return BUILT, replace(contract, source, record, on_progress)


def _is_there(contract: Contract, record: Record) -> bool:
    """Return whether the tables and the view of this very contract are on the target."""
    database = contract.database
    existing = database.relations()
    return (
        contract.digests.items() <= record.contracts.items()
        and existing.get(VIEW) is True
        and all(
            existing.get(table.name) is False
            and database.columns(table.name) == set(table.columns.keys())
            # Without its key, a row that has changed would be there twice.
            and database.primary_key(table.name) == table.primary_key.columns.keys()
            for table in contract.sources
        )
    )


def _update(contract: Contract, source: Source, on_progress: TableProgress) -> dict[str, PublishedTable]:
    """Write what differs: parents before their children come and after they have gone."""
    copies = [
        (original, TableCopy(source, original, contract.database, copy))
        for original, copy in zip(contract.sources, contract.tables(), strict=True)
    ]
    parents = {key.referred_table.name for table in contract.sources for key in table.foreign_key_constraints}
    written = {}
    for original, copy in copies:
        progress = source.table_progress(original, on_progress)
        written[original.name] = copy.bring_up_to_date(progress, delete=original.name not in parents)
    for original, copy in reversed(copies):
        if original.name in parents and written[original.name].deleted:
            copy.delete_vanished()
    return written


def _refuse_inexact_totals(source: Source, database: Database) -> None:
    for column, scale in source.numeric_columns(VIEW).items():
        # Asked in any case: the warehouse itself refuses a total that is larger than the type of the view allows, where
        # other databases would cut it.
        largest = source.largest(VIEW, column)
        limit = database.largest_total(scale)
        if limit is not None and largest is not None and largest >= limit:  # type: ignore[operator]
            raise ContractError(
                f"{VIEW}.{column} reaches {limit:,}, from which on {database.server} is not exact: "
                "publish to another database, or correct the amounts."
            )
