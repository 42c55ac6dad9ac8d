"""A managed database: a role that owns it and nothing else, behind a real PgBouncer that pools transactions."""

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
import pytest

from tests.conftest import administer, running_server
from tests.waiting import wait_until

ROLE = "manager"
DATABASE = "managed"

# Debian keeps it where only root looks.
_PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")

_SETTINGS = """
[databases]
* = host={server}

[pgbouncer]
unix_socket_dir = {directory}
listen_port = 6432
auth_type = trust
auth_file = {directory}/users
pool_mode = transaction
default_pool_size = {size}
; The next transaction of a client is never on the server of its last one.
server_round_robin = 1
logfile = {directory}/log
"""


@dataclass(frozen=True)
class ManagedDatabase:
    """A database behind a pooler.

    Attributes:
        environment: The variables of libpq that lead to it through the pooler.
        behind: A connection string that leads to it past the pooler, for a superuser.
    """

    environment: dict[str, str]
    behind: str


@contextlib.contextmanager
def managed_database(size: int) -> Iterator[ManagedDatabase]:
    """Start a server and a pooler with so many connections to it; skip the test where there is no PgBouncer."""
    if _PGBOUNCER is None:
        pytest.skip("no PgBouncer is installed (apt-get install pgbouncer)")
    with running_server() as server:
        account = server.account
        rules = server.data / "pg_hba.conf"
        rules.write_text(f"local {DATABASE} {ROLE} trust\n" + rules.read_text())
        for statement in (
            "select pg_reload_conf()",
            f"create role {ROLE} login",
            f"create database {DATABASE} owner {ROLE} template template0",
        ):
            administer(server, statement)
        pool = server.home.parent / "pool"
        pool.mkdir()
        (pool / "users").write_text(f'"{ROLE}" ""\n')
        (pool / "settings").write_text(_SETTINGS.format(server=server.socket, directory=pool, size=size))
        if account:
            for path in (pool, *pool.iterdir()):
                shutil.chown(path, account.pw_uid, account.pw_gid)
        pooler = subprocess.Popen(
            [_PGBOUNCER, "--quiet", str(pool / "settings")],
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )
        try:
            environment = {"PGHOST": str(pool), "PGPORT": "6432", "PGUSER": ROLE, "PGDATABASE": DATABASE}
            wait_until(lambda: _answers(environment), "the pooler")
            superuser = pwd.getpwuid(os.getuid()).pw_name
            behind = f"host={server.socket} port=5432 user={superuser} dbname={DATABASE}"
            yield ManagedDatabase(environment, behind)
        finally:
            pooler.kill()
            pooler.wait()


def _answers(environment: dict[str, str]) -> bool:
    try:
        psycopg2.connect(
            host=environment["PGHOST"], port=environment["PGPORT"], user=ROLE, dbname=DATABASE, connect_timeout=5
        ).close()
    except psycopg2.OperationalError:
        return False
    return True
