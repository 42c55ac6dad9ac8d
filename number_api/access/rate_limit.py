"""Lets each client send so many requests and no more, counted in one place for all processes.

The windows are fixed: a client's window begins with its first request and ends its time later. A refused request
counts too, but does not prolong the window. When the store of the counts does not answer, the request is refused: the
numbers would be out of reach as well, and a limit that holds only on good days is none.
"""

import math
import time
from collections.abc import Callable
from typing import Protocol

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from litestar.types import Scope
from redis.asyncio import Redis

from number_api.envelope import ANSWER_FIELDS
from number_api.errors import RateLimitedError
from number_api.valkey import store_errors

# A handler with this in its `opt` is neither counted nor refused.
UNCOUNTED = "uncounted"


class RateLimit:
    """Refuses a client's requests beyond its share, and tells each client what is left of it.

    It needs the name that IdentifyClient gave the client. The header fields are those of the IETF draft
    "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers), where q is the quota, w the window in
    seconds, r what remains and t the seconds until the window ends.
    """

    def __init__(self, rate_limit: RateLimitItem, client: Redis | None) -> None:
        """Allow so many requests.

        Args:
            rate_limit: How many in which time.
            client: The connection to the Valkey that counts; without one the memory of this process does.
        """
        self._amount = rate_limit.amount
        self._counts: _Counts = _CountsInValkey(client) if client else CountsInMemory()
        self._window = rate_limit.get_expiry()
        self._policy = f'"default";q={rate_limit.amount};w={self._window}'
        self._policy_field = (b"ratelimit-policy", self._policy.encode())

    async def __call__(self, scope: Scope) -> None:
        """Count the request, and let it through if it is within the client's share."""
        if scope["route_handler"].opt.get(UNCOUNTED):
            return
        count = await self._counts.add(scope["user"], self._window)
        if count > self._amount:
            raise await self._refusal(scope["user"])
        remaining = b'"default";r=%d' % (self._amount - count)
        scope["state"][ANSWER_FIELDS] += [self._policy_field, (b"ratelimit", remaining)]

    async def _refusal(self, client: str) -> RateLimitedError:
        seconds = max(1, math.ceil(await self._counts.seconds_left(client)))
        return RateLimitedError(seconds, {"RateLimit-Policy": self._policy, "RateLimit": f'"default";r=0;t={seconds}'})


class _Counts(Protocol):
    async def add(self, key: str, window: int) -> int:
        """Count one more in the key's window of so many seconds, and return how many that are."""

    async def seconds_left(self, key: str) -> float:
        """Return how long the key's window goes on."""


class CountsInMemory:
    """Counts for a single process.

    `limits` has such counts too, but forgets old ones in a new thread or task at almost every request, which takes a
    fifth of the throughput.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start from zero, with a clock that tells the time in seconds."""
        self._clock = clock
        # The end of each key's window and its count. All windows are as long, so the first is the first to end.
        self._windows: dict[str, tuple[float, int]] = {}

    async def add(self, key: str, window: int) -> int:
        """Count one more in the key's window of so many seconds, and return how many that are."""
        now = self._clock()
        while self._windows and next(iter(self._windows.values()))[0] <= now:
            del self._windows[next(iter(self._windows))]
        end, count = self._windows.get(key, (now + window, 0))
        self._windows[key] = (end, count + 1)
        return count + 1

    async def seconds_left(self, key: str) -> float:
        """Return how long the key's window goes on."""
        return self._windows[key][0] - self._clock()


class _CountsInValkey:
    """The storage of `limits` that counts in one script, whichever process asks."""

    def __init__(self, client: Redis) -> None:
        # The URL only selects the kind of storage; the connections are those of the pool.
        self._storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix="number_api:rate_limit",
            connection_pool=client.connection_pool,  # type: ignore[arg-type]
        )

    async def add(self, key: str, window: int) -> int:
        with store_errors():
            return await self._storage.incr(key, window)

    async def seconds_left(self, key: str) -> float:
        with store_errors():
            return await self._storage.get_expiry(key) - time.time()
