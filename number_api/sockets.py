"""What the kernel does for clients that do not read.

Granian opens the listening sockets and has no settings for them. Accepted connections inherit the options of the socket
that they come from, so they are set there.
"""

import asyncio
import logging
import os
import socket
import sys
from pathlib import Path

from litestar import Litestar

_logger = logging.getLogger(__name__)

# What the kernel keeps of an answer for a client; by default that grows to 4 MB per connection. The kernel doubles it.
_SEND_BUFFER_BYTES = 32 * 1024

# After so long without a sign of life from the client, the kernel closes the connection, whatever is still to be sent.
_UNACKNOWLEDGED_MILLISECONDS = 30_000

_POLL_SECONDS = 0.001


async def limit_connections(app: Litestar) -> None:
    """Limit the connections that this process accepts, as soon as it listens, which is after the application starts.

    On Linux alone: elsewhere the system's own limits hold.
    """
    if sys.platform != "linux":
        return
    # The loop itself keeps no more than a weak reference.
    app.state.limiting_connections = asyncio.create_task(_limit_once_it_listens())


async def _limit_once_it_listens() -> None:
    while not any(list(map(_limit, _descriptors()))):
        await asyncio.sleep(_POLL_SECONDS)
    _logger.info("connections hold at most %d KiB each for a client that does not read", 2 * _SEND_BUFFER_BYTES >> 10)


def _descriptors() -> list[int]:
    return [int(path.name) for path in Path("/proc/self/fd").iterdir()]


def _limit(descriptor: int) -> bool:
    """Set the limits if this is a listening socket of TCP; whether it is one."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as opened:
            if not opened.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return False
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MILLISECONDS)
            return True
    except OSError:
        return False
