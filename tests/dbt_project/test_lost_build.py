"""The server notices that a build is lost, whatever it is doing for it."""

import subprocess
import sys

import pytest

from tests.conftest import CHECKOUT, RAW_SCHEMA
from tests.dbt_project.conftest import FIRST_LOAD
from tests.dbt_project.warehouse import Dbt, Warehouse
from tests.network import distant_warehouse

pytestmark = pytest.mark.slow


def test_a_lost_build_does_not_wait_for_its_turn(dbt: Dbt) -> None:
    lock = """hashtextextended('"warehouse"."analytics"."stg_loads"', 0)"""
    with distant_warehouse() as (between, server, client):
        warehouse = Warehouse(server.conninfo)
        warehouse.execute(RAW_SCHEMA)
        warehouse.load(FIRST_LOAD)
        warehouse.execute(f"select pg_advisory_lock({lock})")
        build = subprocess.Popen(
            [*client, sys.executable, "-m", "dbt.cli.main", "run", "--select", "stg_loads", *dbt.options], cwd=CHECKOUT
        )
        try:
            warehouse.wait_for("select count(*) = 1 from pg_locks where locktype = 'advisory' and not granted")
            between.cut()
            warehouse.wait_for("select count(*) = 0 from pg_locks where locktype = 'advisory' and not granted")
        finally:
            build.kill()
            build.wait()
            warehouse.connection.close()
