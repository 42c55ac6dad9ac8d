"""dbt, and a warehouse for every test: with nothing in it, or built from a few loads."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RAW_SCHEMA, administer
from tests.dbt_project.warehouse import DATABASE, PROJECT, TABLES, Dbt, Warehouse
from warehouse.embedded import EmbeddedServer

TEMPLATE = "built_warehouse"

ACME = ("Acme", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
BERTA = ("Berta", "berta")

FIRST_LOAD = [
    ("c1", *ACME, "3.0", "voided", "2019-03-19", None),
    ("c2", *ACME, "102.61", "paid", "2019-02-27", "2019-02-27"),
    ("c3", *ACME, "82.179999999999", "Paid", "20190227", "2019-02-28T10:00:00Z"),
    ("c4", "Acme", "*******", "7.5", "refunded", "2019-02-27T23:30:00-01:00", None),
    ("c5", *BERTA, "1.00", "paid", "2019-02-27", None),
    ("c6", "Be0xFFFF", "berta", "2.00", "paid", "2019-02-27", None),
    (None, *BERTA, "3.0e213231213123", "p&0x3fid", "now", "soon"),
    ("c7", "Nobody", None, "1", "paid", "2019-02-27", None),
    ("", *BERTA, "1", "paid", "2019-02-27", " "),
]
SECOND_LOAD = [
    ("c2", *ACME, "100", "refunded", "2019-02-27", "2019-03-01"),
    ("c5", *BERTA, "-1", "paid", "2019-02-27", None),
    ("c8", *BERTA, "9", "expired", "2019-02-28", None),
    ("c8", *BERTA, "9.5", "paid", "2019-02-28", None),
    ("c9", "Only here", "only-here", "3", "paid", "2019-03-21", None),
]


@pytest.fixture
def warehouse(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    """A warehouse with an empty raw schema."""
    with new_database(server, "template0"), _warehouse(server, monkeypatch) as warehouse:
        warehouse.execute(RAW_SCHEMA)
        yield warehouse


@contextlib.contextmanager
def built_once(server: EmbeddedServer, dbt: Dbt) -> Iterator[Warehouse]:
    """A warehouse that was built from two loads, to be copied."""
    with pytest.MonkeyPatch.context() as monkeypatch, new_database(server, "template0"):
        with _warehouse(server, monkeypatch) as warehouse:
            warehouse.execute(RAW_SCHEMA)
            warehouse.load(FIRST_LOAD, unreadable=[("wrong_field_count", b"a,b\xff")])
            warehouse.load(SECOND_LOAD)
            dbt(*TABLES)
        administer(server, f"alter database {DATABASE} rename to {TEMPLATE}")
        yield warehouse
        administer(server, f"drop database {TEMPLATE}")


@pytest.fixture
def changed_project(tmp_path: Path) -> Path:
    """A copy of this project, to be changed."""
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    return project


@contextlib.contextmanager
def copy_of(template: Warehouse, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    """A copy of what `built_once` has made."""
    with new_database(server, TEMPLATE), _warehouse(server, monkeypatch) as warehouse:
        warehouse.rows = list(template.rows)
        warehouse.arrivals = dict(template.arrivals)
        yield warehouse


@contextlib.contextmanager
def new_database(server: EmbeddedServer, template: str) -> Iterator[None]:
    """DATABASE, as a copy of another one; dropped in the end, unless it has another name by then."""
    administer(server, f"create database {DATABASE} template {template}")
    try:
        yield
    finally:
        administer(server, f"drop database if exists {DATABASE} with (force)")


@contextlib.contextmanager
def _warehouse(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    monkeypatch.setenv("PGHOST", str(server.socket))
    monkeypatch.setenv("PGDATABASE", DATABASE)
    warehouse = Warehouse(f"host={server.socket} dbname={DATABASE}")
    yield warehouse
    warehouse.connection.close()
