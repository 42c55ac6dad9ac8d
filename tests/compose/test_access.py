"""Who may do what in the database and in Valkey, and over which connections."""

import re

import pytest

from tests.compose.deployment import CommandFailedError, Deployment

pytestmark = pytest.mark.compose

REFUSED = re.compile("ERROR: +(permission denied|must be owner|must be able)")

ROLES = ("migrator", "loader", "transformer", "reporter")

# What nobody may do, whoever logs in.
FORBIDDEN_TO_ALL = [
    "copy (select 1) to program 'true'",
    "select pg_read_file('/run/secrets/loader_password')",
    "select rolpassword from pg_authid",
    "create role mine",
    "create schema mine",
    "create table public.mine ()",
    "select lo_create(0)",
    "select lo_from_bytea(0, 'mine')",
]
FORBIDDEN = {
    "migrator": [
        "select from raw.loads",
        "select from analytics.charges",
        "create table raw.mine ()",
    ],
    "loader": [
        "select from analytics.charges",
        "create table analytics.mine ()",
        "create table raw.mine ()",
        "create temporary table mine ()",
        "update raw.raw_transactions set amount = '0'",
        "update raw.loads set rows_read = 0",
        "truncate raw.raw_transactions",
        "drop table raw.loads cascade",
        "alter table raw.loads drop column sha256",
        "insert into raw.schema_version (version, migration) values (99, 'mine')",
        "set role warehouse_owner",
    ],
    "transformer": [
        "insert into raw.raw_transactions (_load_id) values (1)",
        "update raw.raw_transactions set amount = '0'",
        "delete from raw.loads",
        "create table raw.mine ()",
        "select nextval('raw.loads_load_id_seq')",
        "set role warehouse_owner",
    ],
    "reporter": [
        "select from raw.raw_transactions",
        "select from raw.rejected_rows",
        "insert into analytics.charge_statuses values ('mine', '')",
        "delete from analytics.charges",
        "drop view analytics.daily_transaction_summary",
        "create table analytics.mine ()",
        "create temporary table mine ()",
        "set role transformer",
    ],
}

NEEDED = [
    ("loader", "select from raw.loads"),
    ("transformer", "select from raw.raw_transactions, raw.loads, raw.rejected_rows"),
    ("transformer", "create table analytics.trial (); drop table analytics.trial"),
    ("reporter", "select from analytics.daily_transaction_summary, analytics.rejected_transactions, raw.loads"),
    ("migrator", "set role warehouse_owner; create table raw.trial (); drop table raw.trial"),
]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_cannot(loaded: Deployment, role: str) -> None:
    said = loaded.attempt_as(role, [*FORBIDDEN[role], *FORBIDDEN_TO_ALL])

    assert [attempt for attempt in said.items() if not REFUSED.search(attempt[1])] == []


@pytest.mark.parametrize(("role", "statement"), NEEDED)
def test_a_role_can(loaded: Deployment, role: str, statement: str) -> None:
    loaded.query_as(role, statement)


def test_the_reporter_reads_what_later_builds_make(loaded: Deployment) -> None:
    loaded.query_as("transformer", "create view analytics.later as select 1 as one")
    try:
        assert loaded.query_as("reporter", "select one from analytics.later") == "1"
    finally:
        loaded.query_as("transformer", "drop view analytics.later")


@pytest.mark.parametrize("role", ["warehouse_owner", "postgres"])
def test_nobody_logs_in_as_the_owner_or_as_the_superuser(loaded: Deployment, role: str) -> None:
    with pytest.raises(CommandFailedError, match=r"no pg_hba\.conf entry"):
        connect(loaded, f"user={role} dbname=warehouse password=guess sslmode=require")


def test_passwords_are_kept_as_scram_and_the_superuser_has_none(deployment: Deployment) -> None:
    kept = deployment.query(
        "select rolname, split_part(rolpassword, '$', 1) from pg_authid where rolpassword is not null"
    )

    assert sorted(kept.splitlines()) == sorted(f"{role}|SCRAM-SHA-256" for role in ROLES)
    assert deployment.query("select rolcanlogin from pg_roles where rolname = 'warehouse_owner'") == "f"


@pytest.mark.parametrize("role", ROLES)
def test_a_connection_without_tls_is_refused(deployment: Deployment, role: str) -> None:
    with pytest.raises(CommandFailedError, match="no encryption"):
        deployment.query_as(role, "select 1", tls="disable")


@pytest.mark.parametrize("role", ROLES)
def test_other_databases_are_closed(deployment: Deployment, role: str) -> None:
    with pytest.raises(CommandFailedError, match=r"no pg_hba\.conf entry"):
        deployment.query_as(role, "select 1", database="postgres")


def test_a_wrong_password_is_refused(deployment: Deployment) -> None:
    with pytest.raises(CommandFailedError, match="password authentication failed"):
        connect(deployment, "user=loader dbname=warehouse password=guess sslmode=require")


def test_services_check_the_name_and_the_authority_of_the_database(loaded: Deployment) -> None:
    question = "import psycopg2; psycopg2.connect('').cursor().execute('select 1')"
    ask = ("run", "--rm", "--no-TTY", "--no-deps")
    (network,) = loaded.inspect(loaded.containers("database")[0])[0]["NetworkSettings"]["Networks"].values()

    loaded.compose(*ask, "data-processor", "python", "-c", question)
    with pytest.raises(CommandFailedError, match="does not match host name"):
        loaded.compose(*ask, "--env", f"PGHOST={network['IPAddress']}", "data-processor", "python", "-c", question)
    with pytest.raises(CommandFailedError, match="certificate verify failed"):
        loaded.compose(*ask, "--env", "PGSSLROOTCERT=system", "data-processor", "python", "-c", question)


def test_valkey_knows_one_user_who_may_do_little(deployment: Deployment) -> None:
    assert "NOAUTH" in valkey(deployment, "ping", password=False)
    assert valkey(deployment, "ping") == "PONG"
    for command in ("flushall", "config get *", "keys *", "shutdown nosave", "acl list", "get other"):
        assert valkey(deployment, *command.split()).startswith("NOPERM"), command
    with pytest.raises(CommandFailedError):
        deployment.compose("exec", "-T", "valkey", "valkey-cli", "ping")


def connect(deployment: Deployment, conninfo: str) -> None:
    deployment.compose("exec", "-T", "database", "psql", "-X", f"host=localhost {conninfo}", "-c", "select 1")


def valkey(deployment: Deployment, *command: str, password: bool = True) -> str:
    login = "export REDISCLI_AUTH=$(sed 's/.*number_api:\\([^@]*\\)@.*/\\1/' /run/secrets/number_api_store_url);"
    user = "--user number_api" if password else ""
    ask = f'{login if password else ""} exec valkey-cli --tls --cacert /run/secrets/ca.crt {user} "$@"'
    return deployment.compose("exec", "-T", "valkey", "sh", "-c", ask, "sh", *command).strip()
