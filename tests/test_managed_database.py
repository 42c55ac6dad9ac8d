"""Everything works for a role that owns one database and is no superuser, behind PgBouncer in transaction mode."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from ingest.lock import INGEST_LOCK
from tests.conftest import CHECKOUT, query
from tests.dbt_project.warehouse import CHECKED, Dbt
from tests.ingest.program import run
from tests.pooler import ManagedDatabase, managed_database
from warehouse.settings import SERVER_VARIABLES

pytestmark = pytest.mark.slow

HEADER = "id,name,company_id,amount,status,created_at,paid_at\n"
FIRST = HEADER + "c1,Acme,acme,1.50,paid,2019-01-01,2019-01-02\nc2,Acme,acme,x,paid,2019-01-01,\nragged\n"
SECOND = HEADER + "c1,Acme,acme,2.50,refunded,2019-01-01,2019-01-02\nc3,Berta,berta,3,paid,2019-01-02,\n"

# What a session of the server would keep for whoever gets it next.
LEFT_BEHIND = """
    select
        (select count(*) from pg_class where relpersistence = 't'),
        (select count(*) from pg_locks where locktype = 'advisory')
"""


@pytest.fixture
def managed(monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagedDatabase]:
    with managed_database(size=3) as database:
        for name in (*SERVER_VARIABLES, "PGOPTIONS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in database.environment.items():
            monkeypatch.setenv(name, value)
        yield database


def test_every_command_works(managed: ManagedDatabase, dbt: Dbt, tmp_path: Path) -> None:
    for name, content in (("first", FIRST), ("second", SECOND)):
        (tmp_path / f"{name}.csv").write_text(content)

    def ingest(*arguments: str) -> str:
        done = run(*arguments)
        assert (done.returncode, done.stderr) == (0, ""), arguments
        return done.stdout

    assert "Applied 001_raw_schema" in ingest("migrate")
    ingest("load", str(tmp_path / "first.csv"))
    dbt("build")
    ingest("load", str(tmp_path / "second.csv"))
    dbt(*CHECKED)
    dbt(*CHECKED, "--full-refresh")
    dbt("docs generate")
    dbt("source freshness", "--output", str(tmp_path / "freshness.json"))
    charges = "select id, amount, status from analytics.charges order by id"
    assert query(managed.behind, charges) == [("c1", 2.5, "refunded"), ("c3", 3, "paid")]

    ingest("extract", "--relation", "analytics.charges", "--output", str(tmp_path / "charges.parquet"))
    ingest("extract", "--schema", "analytics", "--output", str(tmp_path / "analytics"))
    ingest("extract", "--partition-by-load", "--output", str(tmp_path / "raw"))
    report = subprocess.run(
        [sys.executable, "-m", "report", "--text"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert "Berta" in report.stdout
    ingest("remove", "2")
    ingest("load", "--force", str(tmp_path / "first.csv"))
    assert json.loads(ingest("validate", "--json"))["loads"]
    dbt(*CHECKED)
    assert query(managed.behind, charges) == [("c1", 1.5, "paid")]

    assert query(managed.behind, LEFT_BEHIND) == [(0, 0)]
    ours = psycopg2.connect("")
    with ours, ours.cursor() as cursor:
        # Each of the sessions in its turn.
        for _ in range(6):
            cursor.execute("show client_connection_check_interval")
            assert cursor.fetchone() == ("0",)
            ours.commit()
    ours.close()


def test_a_load_that_waits_keeps_no_connection_from_others(managed: ManagedDatabase, tmp_path: Path) -> None:
    (tmp_path / "first.csv").write_text(FIRST)
    run("load", str(tmp_path / "first.csv"))
    holder = psycopg2.connect(managed.behind)
    holder.cursor().execute("select pg_advisory_xact_lock(%s)", (INGEST_LOCK,))
    command = [sys.executable, "-m", "ingest", "load", "--force", str(tmp_path / "first.csv")]
    # As many as the pooler has connections.
    waiting = [subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for loader in waiting:
        assert loader.stderr
        assert f"process {holder.info.backend_pid} (" in loader.stderr.readline()

    assert run("validate").returncode == 0
    holder.close()
    assert [loader.wait() for loader in waiting] == [0, 0, 0]
    for loader in waiting:
        loader.communicate()


def test_what_a_pooler_does_not_pass_on_is_one_line(managed: ManagedDatabase) -> None:
    done = run("validate", PGOPTIONS="-c role=manager")
    assert done.returncode == 1
    assert re.fullmatch(r"Error: .*unsupported startup parameter: options.*alter role.*\n", done.stderr)
