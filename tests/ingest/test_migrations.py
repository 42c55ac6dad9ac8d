"""Upgrades of the raw schema in a real PostgreSQL, from the state that was released first."""

import threading
from pathlib import Path

import psycopg2
import pytest

from ingest import DataLoader
from ingest.errors import LoadFailedError, SchemaVersionError
from ingest.lock import INGEST_LOCK
from ingest.migrations import migration_files
from tests.conftest import query
from tests.waiting import PATIENCE_SECONDS, wait_until

FIRST_RELEASED = Path(__file__).with_name("first_released_raw_schema.sql").read_text(encoding="utf-8")

NAMES = [file.stem for file in migration_files()]

VERSIONS = "select version, migration from raw.schema_version order by version"
CATALOGUE = """
    select table_name, column_name, data_type, is_nullable, column_default, identity_generation, ''
    from information_schema.columns where table_schema = 'raw'
    union all
    select conrelid::regclass::text, '', contype::text, '', '', '', pg_get_constraintdef(oid)
    from pg_constraint where connamespace = 'raw'::regnamespace
    union all
    select tablename, indexname, '', '', '', '', indexdef from pg_indexes where schemaname = 'raw'
    order by 1, 2, 3, 7
"""
# Without what later versions have added to the first one, which says nothing of a file that was loaded before.
CONTENT = """
    select
        to_jsonb(loads) - '{format,meaning,lines_before_header,lines_after_rows}'::text[],
        array(
            select to_jsonb(r) - '{currency,amount_refunded,created_time,time_zone}'::text[]
            from raw.raw_transactions r
            order by _row_number
        ),
        array(select to_jsonb(r) from raw.rejected_rows r)
    from raw.loads where load_id = 1
"""
FILE = b"id,name,company_id,amount,status,created_at,paid_at\nc2,Acme,acme,1,paid,2019-02-28,\n"


def execute(conninfo: str, statements: str) -> None:
    connection = psycopg2.connect(conninfo)
    with connection, connection.cursor() as cursor:
        cursor.execute(statements)
    connection.close()


def load(directory: Path) -> int:
    path = directory / "more.csv"
    path.write_bytes(FILE)
    return DataLoader().load_csv_to_database(str(path)).load_id


def test_migrations_are_numbered_through() -> None:
    assert [int(name.split("_")[0]) for name in NAMES] == list(range(1, len(NAMES) + 1))


def test_a_load_makes_a_new_schema_and_records_its_version(database: str, tmp_path: Path) -> None:
    load(tmp_path)

    assert query(database, VERSIONS) == list(enumerate(NAMES, 1))


def test_the_first_release_upgrades_to_what_is_made_today_and_keeps_its_rows(database: str, tmp_path: Path) -> None:
    load(tmp_path)
    today = query(database, CATALOGUE)
    execute(database, "drop schema raw cascade")
    execute(database, FIRST_RELEASED)
    content = query(database, CONTENT)

    assert DataLoader().migrate_raw_schema() == NAMES[1:]

    assert query(database, CATALOGUE) == today
    assert query(database, CONTENT) == content
    assert query(database, VERSIONS) == list(enumerate(NAMES, 1))[1:]
    assert DataLoader().validate_data_integrity()
    assert load(tmp_path) == 2
    assert DataLoader().migrate_raw_schema() == []


def test_an_upgrade_that_fails_changes_nothing(database: str) -> None:
    execute(database, FIRST_RELEASED)
    # Takes the name of the row type that the second migration makes.
    execute(database, "create type raw.schema_version as enum ('taken')")
    content = query(database, CONTENT)

    with pytest.raises(LoadFailedError, match="refused the migration"):
        DataLoader().migrate_raw_schema()

    assert query(database, CONTENT) == content
    assert query(database, "select to_regclass('raw.schema_version')") == [(None,)]


def test_a_loader_that_may_not_change_the_schema_says_who_may(database: str, tmp_path: Path) -> None:
    execute(database, FIRST_RELEASED)
    role = f"loader_of_{database.rpartition('=')[2]}"
    execute(
        database,
        f"create role {role}; grant usage on schema raw to {role};"
        f"grant select, insert, delete on all tables in schema raw to {role};"
        f"grant select, usage, update on all sequences in schema raw to {role}",
    )
    limited = f"{database} options='-c role={role}'"
    path = tmp_path / "more.csv"
    path.write_bytes(FILE)
    try:
        with pytest.raises(SchemaVersionError, match="python -m ingest migrate"):
            DataLoader(limited).load_csv_to_database(str(path))
        assert query(database, "select count(*) from raw.loads") == [(1,)]

        DataLoader().migrate_raw_schema()
        execute(database, f"grant select on raw.schema_version to {role}")

        assert DataLoader(limited).load_csv_to_database(str(path)).load_id == 2
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            execute(limited, "drop table raw.loads")
    finally:
        execute(database, f"drop owned by {role}; drop role {role}")


@pytest.mark.parametrize("table", ["loads", "raw_transactions", "rejected_rows", "schema_version"])
def test_a_raw_schema_of_somebody_else_is_left_alone(database: str, tmp_path: Path, table: str) -> None:
    execute(database, f"create schema raw; create table raw.{table} (x int)")

    with pytest.raises(SchemaVersionError, match="tables that are not those of this program, so nothing was changed"):
        load(tmp_path)

    assert query(database, "select relname::text from pg_class where relnamespace = 'raw'::regnamespace") == [(table,)]


def test_a_newer_schema_is_left_alone(database: str, tmp_path: Path) -> None:
    load(tmp_path)
    execute(database, "insert into raw.schema_version (version, migration) values (9000, '9000_from_the_future')")

    with pytest.raises(SchemaVersionError, match="version 9000"):
        load(tmp_path)


def test_a_migration_waits_for_the_load_under_way(database: str) -> None:
    execute(database, FIRST_RELEASED)
    version = "select to_regclass('raw.schema_version')::text"
    other = psycopg2.connect(database)
    other.cursor().execute("select pg_advisory_xact_lock(%s)", (INGEST_LOCK,))
    waits = threading.Event()
    migration = threading.Thread(target=lambda: DataLoader(database).migrate_raw_schema(on_wait=lambda _: waits.set()))
    migration.start()
    try:
        assert waits.wait(PATIENCE_SECONDS)
        assert query(database, version) == [(None,)]
    finally:
        other.close()
        migration.join(PATIENCE_SECONDS)

    assert query(database, version) == [("raw.schema_version",)]


def test_a_migration_of_nothing_waits_for_nobody(database: str) -> None:
    assert DataLoader(database).migrate_raw_schema()
    other = psycopg2.connect(database)
    other.cursor().execute("select pg_advisory_xact_lock(%s)", (INGEST_LOCK,))
    try:
        assert DataLoader(database).migrate_raw_schema(lock_timeout=0) == []
        execute(database, "insert into raw.schema_version (version, migration) values (9000, '9000_from_the_future')")
        with pytest.raises(SchemaVersionError, match="version 9000"):
            DataLoader(database).migrate_raw_schema(lock_timeout=0)
    finally:
        other.close()


def test_readers_are_served_while_a_migration_waits_for_one(database: str) -> None:
    execute(database, FIRST_RELEASED)
    reader = psycopg2.connect(database)
    reader.cursor().execute("select from raw.loads")
    waits = "select count(*) > 0 from pg_locks where not granted and mode = 'AccessExclusiveLock'"
    migration = threading.Thread(target=lambda: DataLoader(database).migrate_raw_schema())
    migration.start()
    try:
        for _ in range(2):
            wait_until(lambda: query(database, waits) == [(True,)], "the migration to wait")
            query(database, "select from raw.loads")
            wait_until(lambda: query(database, waits) == [(False,)], "the migration to pause")
    finally:
        reader.close()
        migration.join(PATIENCE_SECONDS)

    assert query(database, VERSIONS)[-1] == (len(NAMES), NAMES[-1])
