"""A target that is lost ends a publish soon, and its locks are free."""

import os
import subprocess
import sys
from collections.abc import Callable

import psycopg2
import pytest
from psycopg2.extensions import parse_dsn

from tests.conftest import CHECKOUT, query, server_directory
from tests.dbt_project.warehouse import Warehouse
from tests.network import SERVER, Network, distant_server, network
from tests.publish.mariadb import MariaDB
from tests.waiting import PATIENCE_SECONDS, wait_until

LOST = "Error: The connection to the target was lost ("


def what_a_cut_says(warehouse: Warehouse, between: Network, url: str, waits: Callable[[], bool]) -> str:
    """Publish from the client's machine, cut the network once it waits for an answer, and return its last line.

    The warehouse is reached by its socket, which is a file.
    """
    there = parse_dsn(warehouse.conninfo)
    process = subprocess.Popen(
        ["ip", "netns", "exec", between.client, sys.executable, "-m", "publish"],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "PGHOST": there["host"],
            "PGDATABASE": there["dbname"],
            "WAREHOUSE_TCP_TIMEOUT": "2",
            "PUBLISH_URL": url,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: waits() or process.poll() is not None, "the publish to wait for its lock")
        between.cut()
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 1
    return str(said.splitlines()[-1])


@pytest.mark.slow
def test_a_postgresql_that_is_lost(built: Warehouse) -> None:
    with network() as between, distant_server(between) as server:
        sessions = "select count(*) from pg_stat_activity where client_addr is not null"
        with psycopg2.connect(server.conninfo) as holder:
            holder.cursor().execute("select pg_advisory_xact_lock(7078021149)")
            said = what_a_cut_says(
                built,
                between,
                f"postgresql://{query(server.conninfo, 'select current_user')[0][0]}@{SERVER}/warehouse",
                lambda: query(server.conninfo, f"{sessions} and wait_event = 'advisory'") == [(1,)],
            )
        holder.close()
        assert said.startswith(LOST)
        wait_until(lambda: query(server.conninfo, sessions) == [(0,)], "the server to notice")


@pytest.mark.mariadb
def test_a_mariadb_that_is_lost(built: Warehouse) -> None:
    with network() as between, server_directory() as directory:
        server = MariaDB(directory, "ip", "netns", "exec", between.server)
        server.start("--skip-networking=0", "--bind-address=0.0.0.0")
        try:
            server.query("create database marts")
            server.query("create user publisher")
            server.query("grant all on marts.* to publisher")
            with server.connection("marts") as holder:
                holder.cursor().execute("select get_lock(concat('publish ', left(sha2(database(), 256), 32)), 0)")
                said = what_a_cut_says(
                    built,
                    between,
                    f"mysql+pymysql://publisher@{SERVER}/marts",
                    lambda: (
                        server.query("select id from information_schema.processlist where state = 'User lock'") != []
                    ),
                )
        finally:
            server.stop()
        assert said.startswith(LOST)
