"""A run with the rights of the containers: ingest is the loader, dbt the transformer, who reads the reporter."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, query, running_server
from tests.refresh.program import Program, Receiver
from warehouse.embedded import EmbeddedServer

pytestmark = pytest.mark.slow

FILE = "id,name,company_id,amount,status,created_at,paid_at\nc1,Acme,acme,12.34,paid,2019-02-27,\n"

PROFILE = """
transactions_warehouse:
  target: postgres
  outputs:
    postgres:
      type: postgres
      host: "{{ env_var('PGHOST') }}"
      port: 5432
      user: transformer
      password: ""
      dbname: warehouse
      schema: analytics
      threads: 2
"""


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedServer]:
    """A server of its own, since roles are those of a whole server, with the database `warehouse`."""
    with running_server() as server:
        # Nobody but us reaches the socket, and whoever does may be any of the roles.
        (server.data / "pg_hba.conf").write_text("local all all trust\n")
        query(server.conninfo, "select pg_reload_conf()")
        monkeypatch.setenv("PGHOST", str(server.socket))
        monkeypatch.setenv("PGDATABASE", "warehouse")
        yield server


def grant_rights(server: EmbeddedServer, directory: Path) -> None:
    """Do what the database's container does when it is new, and each time that roles are applied."""
    shutil.copy(CHECKOUT / "deploy" / "database" / "rights.sql", directory)
    shutil.copy(CHECKOUT / "ingest" / "sql" / "migrations" / "001_raw_schema.sql", directory)
    directory.chmod(0o755)
    subprocess.run(
        [
            server.program("psql"),
            *("--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--single-transaction", "--dbname=warehouse"),
            "--file=rights.sql",
        ],
        cwd=directory,
        check=True,
    )


def test_a_run_needs_no_more_rights_than_the_containers_give(
    own_server: EmbeddedServer, program: Program, receiver: Receiver
) -> None:
    conninfo = own_server.conninfo
    for role in ("warehouse_owner", "migrator", "loader", "transformer", "reporter"):
        query(conninfo, f"create role {role} login; select 1")
    rights, profiles = program.directory / "rights", program.directory / "profiles"
    rights.mkdir()
    profiles.mkdir()
    (profiles / "profiles.yml").write_text(PROFILE)
    grant_rights(own_server, rights)
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PGOPTIONS": "-c role=warehouse_owner"}
    subprocess.run([sys.executable, "-m", "ingest", "migrate"], env=environment, cwd=program.directory, check=True)
    (program.folder / "file.csv").write_text(FILE)

    for again in (False, True):
        code, said = program.run(
            *("--without", "extract", "--without", "report"),
            PGUSER="loader",
            DBT_PROFILES_DIR=str(profiles),
        )
        assert code == 0, said
        assert "not recorded" not in said
        if not again:
            grant_rights(own_server, rights)

    assert query(
        f"{conninfo} user=reporter", "select outcome, rows_read, rows_rejected from raw.runs order by started_at"
    ) == [
        ("succeeded", 1, 0),
        ("succeeded", 0, 0),
    ]
    assert receiver.messages == []
