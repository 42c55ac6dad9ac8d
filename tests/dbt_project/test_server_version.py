"""A server that lacks what the models need gets one line that says so."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.embedded import server_account
from tests.dbt_project.warehouse import Dbt, DbtFailedError

pgserver = pytest.importorskip("pgserver", reason="there is no wheel of PostgreSQL 16 for this Python")
PROGRAMS = Path(pgserver.__file__).parent / "pginstall" / "bin"


@pytest.fixture
def old_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A PostgreSQL 16."""
    account = server_account()
    home = Path(tempfile.mkdtemp(prefix="warehouse-tests-", dir="/tmp"))
    if account:
        os.chown(home, account.pw_uid, account.pw_gid)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(PROGRAMS / program), f"--pgdata={home / 'data'}", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=home,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )

    run("initdb", "--username=owner", "--auth=trust", "--no-sync")
    run("pg_ctl", "start", "--wait", f"--log={home / 'log'}", f"--options=-k {home} -c listen_addresses=''")
    for name, value in {"PGHOST": str(home), "PGUSER": "owner", "PGDATABASE": "postgres"}.items():
        monkeypatch.setenv(name, value)
    try:
        yield
    finally:
        run("pg_ctl", "stop", "--mode=immediate")
        shutil.rmtree(home)


def test_a_server_older_than_17_is_refused(old_server: None, dbt: Dbt) -> None:
    with pytest.raises(DbtFailedError, match="This server is PostgreSQL 16, but PostgreSQL 17 or newer is needed"):
        dbt("build")
