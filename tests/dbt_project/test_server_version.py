"""A server that lacks what the models need gets one line that says so."""

from pathlib import Path

import psycopg2.extensions
import pytest

from tests.dbt_project.warehouse import Dbt, DbtFailedError


def test_a_server_older_than_17_is_refused(
    old_server: str, dbt: Dbt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = psycopg2.extensions.parse_dsn(old_server)
    monkeypatch.setenv("PGHOST", address["host"])
    monkeypatch.setenv("PGDATABASE", address["dbname"])
    with pytest.raises(DbtFailedError, match="This server is PostgreSQL 16, but PostgreSQL 17 or newer is needed"):
        dbt("build", *dbt.elsewhere(tmp_path))
