"""The connection to Valkey (or Redis), which the numbers and the rate limit share."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from number_api.errors import StoreUnavailableError

# A healthy store answers within milliseconds; a client should learn in seconds that it does not.
TIMEOUT_SECONDS = 2.0
# One worker rarely has more requests in the middle of a command; more connections than that only queue in Valkey.
MAX_CONNECTIONS = 32


def connect(url: str) -> Redis:
    """Return a client that connects when it is first used, and again whenever the connection is lost.

    It never sends a command twice by itself: when an answer is lost the command may have been done, and only the
    caller of the service can know whether to repeat it.

    Args:
        url: valkey://, valkeys:// (with TLS), redis:// or rediss://.
    """
    pool = BlockingConnectionPool.from_url(
        # The client library knows the scheme by its older name alone.
        re.sub("^valkey", "redis", url),
        max_connections=MAX_CONNECTIONS,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), retries=0),
    )
    return Redis.from_pool(pool)


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn every failure of the store into StoreUnavailableError.

    That includes what Valkey refuses: while it loads its file, follows another server, or has no room left.
    """
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreUnavailableError("The store of the numbers does not answer; try again in a moment") from error
