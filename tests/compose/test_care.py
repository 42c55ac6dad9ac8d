"""What docs/operations.md tells: backup, restore, upgrade, and new secrets."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.deployment import CommandFailedError, Deployment

pytestmark = pytest.mark.compose


@pytest.fixture
def backup(loaded: Deployment) -> Path:
    return loaded.directory / loaded.run("make", "--silent", "backup").strip().splitlines()[-1]


@pytest.fixture
def empty(loaded: Deployment) -> Iterator[Deployment]:
    """Another project from the same files, whose database was never loaded."""
    other = dataclasses.replace(loaded, project=f"{loaded.project}-restored")
    try:
        other.up("--build", "database")
        yield other
    finally:
        other.remove()


def test_a_backup_restores_into_an_empty_database(loaded: Deployment, empty: Deployment, backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert empty.query("select count(*) from raw.loads") == "0"

    empty.run("make", "restore", f"BACKUP={backup}")

    assert empty.figures() == loaded.figures()
    assert empty.query_as("reporter", "select count(*) from analytics.charges, raw.loads") != "0"
    (loaded.directory / "data" / "restored.csv").write_bytes(
        b"id,name,company_id,amount,status,created_at,paid_at\nafter-restore,Acme,acme,1,paid,2019-02-27,\n"
    )
    empty.process("refresh")
    assert empty.query("select count(*) from analytics.charges where id = 'after-restore'") == "1"
    with pytest.raises(CommandFailedError, match="must be owner"):
        empty.query_as("loader", "drop table raw.loads cascade")


def test_a_damaged_backup_changes_nothing(loaded: Deployment, backup: Path) -> None:
    before = loaded.figures()
    damaged = backup.with_name("damaged.dump")
    damaged.write_bytes(backup.read_bytes()[: backup.stat().st_size * 2 // 3])

    with pytest.raises(CommandFailedError):
        loaded.run("make", "restore", f"BACKUP={damaged}")
    with pytest.raises(CommandFailedError, match="Name a backup"):
        loaded.run("make", "restore")

    assert loaded.figures() == before


def test_a_restore_takes_back_what_came_after_the_backup(loaded: Deployment, backup: Path) -> None:
    before = loaded.figures()
    (loaded.directory / "data" / "later.csv").write_bytes(
        b"id,name,company_id,amount,status,created_at,paid_at\nlater,Acme,acme,1,paid,2019-02-27,\n"
    )
    loaded.process("refresh")
    assert loaded.figures() != before

    loaded.run("make", "restore", f"BACKUP={backup}")

    assert loaded.figures() == before


# What others keep in the same database, and what they have hung on our tables.
ELSEWHERE = """
    create schema elsewhere;
    create table elsewhere.kept as select 1 as one;
    create publication all_tables for all tables;
    select lo_create(4242);
"""
HUNG_ON_OURS = """
    create view elsewhere.totals as select sum(amount) as total from analytics.charges;
    create view elsewhere.of_totals as select total from elsewhere.totals;
    create table elsewhere.notes (charge_id varchar(24) references analytics.charges);
    create function elsewhere.loads() returns bigint language sql begin atomic select count(*) from raw.loads; end;
    create publication charges for table analytics.charges;
    create view analytics.not_of_dbt as select 1 as one;
"""
NO_LONGER = """
    set client_min_messages = 'error';
    drop schema if exists elsewhere cascade;
    drop publication if exists all_tables, charges;
    drop view if exists analytics.not_of_dbt;
    select lo_unlink(oid) from pg_largeobject_metadata;
"""


@pytest.fixture
def others(loaded: Deployment) -> Iterator[None]:
    """Others use the same database for something else."""
    loaded.query(ELSEWHERE)
    yield
    loaded.query(NO_LONGER)


def test_a_backup_holds_what_is_ours_and_a_restore_leaves_the_rest_alone(
    loaded: Deployment, others: None, empty: Deployment
) -> None:
    before = loaded.figures()
    backup = loaded.directory / loaded.run("make", "--silent", "backup").strip().splitlines()[-1]
    whole = backup.with_name("whole.dump")
    whole.write_bytes(
        loaded.run_binary("docker", "compose", "exec", "-T", "database", "pg_dump", "--format=custom", "warehouse")
    )

    for dump in (backup, whole):
        loaded.run("make", "restore", f"BACKUP={dump}")
        assert loaded.figures() == before
        assert loaded.query("select one, lo_get(4242) from elsewhere.kept") == "1|\\x"
        empty.run("make", "restore", f"BACKUP={dump}")
        assert empty.figures() == before
        assert (
            empty.query("select to_regnamespace('elsewhere') is null and not exists (select from pg_publication)")
            == "t"
        )
        assert empty.query("select count(*) from pg_largeobject_metadata") == "0"


def test_a_restore_drops_what_others_hung_on_our_tables_only_when_told(
    loaded: Deployment, backup: Path, others: None
) -> None:
    loaded.query(HUNG_ON_OURS)
    before = loaded.figures()

    with pytest.raises(CommandFailedError, match="Nothing was changed") as refused:
        loaded.run("make", "restore", f"BACKUP={backup}")

    named = {line.strip() for line in str(refused.value).splitlines() if line.startswith("  ")}
    assert named == {
        "view elsewhere.totals",
        "view elsewhere.of_totals",
        "constraint notes_charge_id_fkey on table elsewhere.notes",
        "function elsewhere.loads()",
        "publication of table analytics.charges in publication charges",
        "view analytics.not_of_dbt",
    }
    assert loaded.query("select total is not null from elsewhere.of_totals") == "t"
    assert loaded.figures() == before

    loaded.run("make", "restore", f"BACKUP={backup}", "DROP_DEPENDENTS=yes")

    views = "select count(*) from pg_class where relnamespace = 'elsewhere'::regnamespace and relkind = 'v'"
    assert loaded.query(views) == "0"
    assert loaded.figures() == before


def test_up_brings_the_first_released_raw_schema_up_to_date(loaded: Deployment) -> None:
    assert loaded.query("select min(version), max(version) = count(*) + 1 from raw.schema_version") == "2|t"


def test_secrets_are_replaced_one_by_one(loaded: Deployment) -> None:
    secrets = loaded.directory / "secrets"
    old = {path.name: path.read_text() for path in secrets.iterdir()}
    replaced = {"loader_password", "transformer_password", "number_api_store_url", "database.key", "database.crt"}
    for name in replaced:
        (secrets / name).unlink()

    loaded.run("make", "secrets")
    loaded.compose("restart", "database", "valkey")
    loaded.up("database", "valkey")
    loaded.compose("exec", "-T", "database", "apply-roles")
    loaded.compose("restart", "api")
    loaded.serve()

    assert {name for name, text in old.items() if (secrets / name).read_text() != text} == replaced
    assert loaded.request("GET", "/status").status == 200
    loaded.process("python", "-m", "ingest", "validate")
    with pytest.raises(CommandFailedError, match="password authentication failed"):
        loaded.compose(
            *("exec", "-T", "database", "psql", "-X"),
            f"host=localhost user=loader dbname=warehouse sslmode=require password={old['loader_password'].strip()}",
        )
    assert old["loader_password"].strip() not in loaded.compose("logs", "database")
