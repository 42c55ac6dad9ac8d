"""Which server the environment chooses, for Python and for dbt alike."""

import os
from argparse import Namespace
from typing import Any

import pytest
from dbt.config.runtime import load_profile
from dbt.flags import set_from_args
from dbt_common.context import set_invocation_context

from warehouse.settings import CHECKOUT, DATABASE, SERVER_VARIABLES, Settings, socket_directory


@pytest.mark.parametrize("variable", SERVER_VARIABLES)
def test_any_server_variable_means_that_server(variable: str) -> None:
    assert Settings.from_environment({}).embedded
    assert Settings.from_environment({variable: ""}).embedded
    assert not Settings.from_environment({variable: "5432"}).embedded


@pytest.mark.parametrize(
    ("environment", "conninfo"),
    [
        ({"PGHOST": "db"}, "dbname=warehouse"),
        ({"PGHOST": "db", "PGUSER": "etl"}, ""),
        ({"PGHOST": "db", "PGDATABASE": "sales"}, ""),
        ({"PGSERVICE": "sales"}, ""),
    ],
)
def test_libpq_fills_in_the_rest(environment: dict[str, str], conninfo: str) -> None:
    assert Settings.from_environment(environment).conninfo == conninfo


@pytest.mark.parametrize(
    "environment",
    [
        {},
        dict.fromkeys(SERVER_VARIABLES, ""),
        *({name: "5433"} for name in SERVER_VARIABLES),
        {"PGHOST": "db", "PGDATABASE": "sales"},
        {"PGHOST": "db", "PGUSER": "etl"},
        {"PGSSLMODE": "require"},
    ],
    ids=str,
)
@pytest.mark.parametrize("profiles_directory", [str(CHECKOUT), "."])
def test_dbt_connects_where_python_does(
    environment: dict[str, str], profiles_directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SERVER_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PWD", str(CHECKOUT))
    monkeypatch.chdir(CHECKOUT)
    # As dbt itself does before it reads a profile.
    set_invocation_context(os.environ)
    set_from_args(Namespace(PROFILES_DIR=profiles_directory), None)

    credentials: Any = load_profile(str(CHECKOUT / "dbt_project"), {}).credentials

    settings = Settings.from_environment()
    if settings.embedded:
        assert (credentials.host, credentials.database) == (str(socket_directory()), DATABASE)
        assert settings.conninfo == f"host={credentials.host} dbname={credentials.database}"
    else:
        assert credentials.host == environment.get("PGHOST", "")
    if settings.conninfo == f"dbname={DATABASE}":
        assert credentials.database == DATABASE


@pytest.mark.parametrize(("seconds", "idle"), [("", 60), ("0", 0), ("1", 1), ("30", 15)])
def test_dbt_waits_as_long_for_a_lost_server(seconds: str, idle: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_TCP_TIMEOUT", seconds)
    set_invocation_context(os.environ)
    set_from_args(Namespace(PROFILES_DIR=str(CHECKOUT)), None)
    credentials: Any = load_profile(str(CHECKOUT / "dbt_project"), {}).credentials
    assert credentials.keepalives_idle == idle
