"""Notice soon that the other end of a connection is lost: its machine was switched off, or the network between was cut.

Without this, a client waits for its server for a quarter of an hour, and a server holds the locks of its client for two
hours. Through a Unix socket, either end knows at once.
"""

import socket
from pathlib import Path
from typing import Any

from psycopg2.extensions import cursor, parse_dsn

from warehouse.settings import Settings

_NOTICE_LOST_CLIENT = Path(__file__).with_name("sql") / "notice_lost_client.sql"

# Keepalives begin after half of the time and are sent three times in the other half.
_KEEPALIVES = 3

# Longer than a transaction of ours is idle, even one that reads a large file to find out whether it is loaded.
_IDLE_IN_TRANSACTION = "1h"


def client_parameters(conninfo: str, settings: Settings) -> dict[str, Any]:
    """Return the parameters of libpq by which a client notices that its server is lost.

    Args:
        conninfo: The connection string or URI. What it sets is left out, so that it stays as it is.
        settings: They say how long the server may be silent.

    Raises:
        psycopg2.ProgrammingError: The connection string cannot be read.
    """
    chosen = parse_dsn(conninfo)
    seconds = settings.tcp_timeout
    # Parameters that are named here would override those in the file of a service.
    if seconds == 0 or settings.has_service or "service" in chosen:
        return {}
    parameters = {
        "keepalives_idle": _at_least_one(seconds / 2),
        "keepalives_interval": _at_least_one(seconds / 2 / _KEEPALIVES),
        "keepalives_count": _KEEPALIVES,
        "tcp_user_timeout": seconds * 1000,
    }
    return {name: value for name, value in parameters.items() if name not in chosen}


def keep_alive(connection: socket.socket, settings: Settings) -> None:
    """Let a client that is not libpq notice that its server is lost, as `client_parameters` does.

    Args:
        connection: The socket that is connected to the server.
        settings: They say how long the server may be silent.
    """
    seconds = settings.tcp_timeout
    if seconds == 0 or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _at_least_one(seconds / 2)),
        ("TCP_KEEPINTVL", _at_least_one(seconds / 2 / _KEEPALIVES)),
        ("TCP_KEEPCNT", _KEEPALIVES),
        ("TCP_USER_TIMEOUT", seconds * 1000),
    ):
        # Not all systems have all of them.
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def notice_lost_client(cursor: cursor, settings: Settings, *, sends_much: bool = False) -> None:
    """Let the server notice that the client is lost, until the transaction ends.

    Not for the session: behind a pooler that assigns a server to each transaction, it would be another client's next.

    Args:
        cursor: A cursor at the beginning of a transaction.
        settings: They say how long the client may be silent.
        sends_much: Whether the server sends many rows. A client that does not read them for a while, since it is
            suspended or its disk is slow, would count as lost by `tcp_user_timeout`, though it answers keepalives.
    """
    seconds = settings.tcp_timeout
    if seconds == 0:
        return
    cursor.execute(
        _NOTICE_LOST_CLIENT.read_text(encoding="utf-8"),
        {
            "idle": f"{_at_least_one(seconds / 2)}s",
            "interval": f"{_at_least_one(seconds / 2 / _KEEPALIVES)}s",
            "count": str(_KEEPALIVES),
            "user_timeout": "0" if sends_much else f"{seconds}s",
            "idle_in_transaction": _IDLE_IN_TRANSACTION,
        },
    )


def _at_least_one(seconds: float) -> int:
    return max(1, int(seconds))
