"""The limits for clients that connect and do not read, or do not ask.

Granian opens the listening sockets, accepts the connections, and has no settings for any of this. Accepted connections
inherit the options of the socket that they come from, so those are set there. How many connections a client has is
counted once a second, from outside: a connection without a request is never seen by the application.
"""

import asyncio
import contextlib
import logging
import os
import resource
import socket
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from litestar import Litestar

from number_api.access.client import customer_of
from number_api.access.proxies import Network, is_in, parse_address

_logger = logging.getLogger(__name__)

# How many connections a worker has at once, and one client among them. Behind one address there may be an office.
MOST_CONNECTIONS = 4096
_MOST_CONNECTIONS_PER_CLIENT = 256

# Files that the process opens beside its connections.
_OTHER_FILES = 256

# What the kernel keeps of an answer for a client; by default that grows to 4 MB per connection. The kernel doubles it.
_SEND_BUFFER_BYTES = 32 * 1024

# After so long without a sign of life from the client, the kernel closes the connection, whatever is still to be sent.
_UNACKNOWLEDGED_MILLISECONDS = 30_000

_POLL_SECONDS = 0.001
_COUNT_SECONDS = 1


async def limit_connections(trusted_proxies: Sequence[Network], app: Litestar) -> None:
    """Limit the connections that this process accepts, as soon as it listens, which is after the application starts.

    On Linux alone: elsewhere the system's own limits hold.

    Args:
        trusted_proxies: Whose connections are many clients', and are not counted.
        app: The application, which keeps the task.
    """
    if sys.platform != "linux":
        return
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = MOST_CONNECTIONS + _OTHER_FILES
    if most_files != resource.RLIM_INFINITY:
        enough = min(enough, most_files)
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < enough:
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most_files))
    # The loop itself keeps no more than a weak reference.
    app.state.limiting_connections = asyncio.create_task(_limit_from_now_on(trusted_proxies))


async def _limit_from_now_on(trusted_proxies: Sequence[Network]) -> None:
    while not any(list(map(_limit_buffer, _descriptors()))):
        await asyncio.sleep(_POLL_SECONDS)
    _logger.info("each connection buffers at most %d KiB for a client that does not read", 2 * _SEND_BUFFER_BYTES >> 10)
    while True:
        await asyncio.sleep(_COUNT_SECONDS)
        _close_beyond_share(trusted_proxies)


def _descriptors() -> list[int]:
    return [int(path.name) for path in Path("/proc/self/fd").iterdir()]


def _limit_buffer(descriptor: int) -> bool:
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


def _close_beyond_share(trusted_proxies: Sequence[Network]) -> None:
    """Close the connections of each client that has more than its share, down to its share."""
    descriptors = _descriptors()
    if len(descriptors) <= _MOST_CONNECTIONS_PER_CLIENT:
        return
    counts: Counter[str] = Counter()
    for descriptor in descriptors:
        # A copy of the descriptor stays what it is when Granian closes its own meanwhile.
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as opened:
            client = _client_of(opened, trusted_proxies)
            if client is not None:
                counts[client] += 1
                if counts[client] > _MOST_CONNECTIONS_PER_CLIENT:
                    opened.shutdown(socket.SHUT_RDWR)
    for client, count in counts.items():
        if count > _MOST_CONNECTIONS_PER_CLIENT:
            closed = count - _MOST_CONNECTIONS_PER_CLIENT
            _logger.warning("closed %d of %d connections of one client: %s", closed, count, client)


def _client_of(opened: socket.socket, trusted_proxies: Sequence[Network]) -> str | None:
    """Who has opened a connection; None if it is not counted.

    Raises:
        OSError: This is no connection.
    """
    if opened.family not in {socket.AF_INET, socket.AF_INET6}:
        return None
    peer = str(opened.getpeername()[0])
    address = parse_address(peer)
    return None if address is None or is_in(trusted_proxies, address) else customer_of(peer)
