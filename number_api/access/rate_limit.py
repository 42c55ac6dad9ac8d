"""Lets each client send so many requests and no more, counted in one place for all processes.

The windows are fixed: a client's window begins with its first request and ends its time later. A refused request
counts too, but does not prolong the window. When the store of the counts does not answer, the request is refused: the
numbers would be out of reach as well, and a limit that holds only on good days is none.
"""

import math
import time
from typing import Protocol

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.storage import MemoryStorage
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from redis.asyncio import Redis

from number_api.errors import RateLimitedError
from number_api.valkey import store_errors

# A handler with this in its `opt` is neither counted nor refused.
UNCOUNTED = "uncounted"


class RateLimit(ASGIMiddleware):
    """Refuses a client's requests beyond its share, and tells each client what is left of it.

    It needs the name that IdentifyClient gave the client. The header fields are those of the IETF draft
    "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers), where q is the quota, w the window in
    seconds, r what remains and t the seconds until the window ends.
    """

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = UNCOUNTED

    def __init__(self, rate_limit: RateLimitItem, client: Redis | None) -> None:
        """Allow so many requests.

        Args:
            rate_limit: How many in which time.
            client: The connection to the Valkey that counts; without one the memory of this process does.
        """
        self._rate_limit = rate_limit
        self._counts: _Counts = _CountsInValkey(client) if client else _CountsInMemory()
        self._window = rate_limit.get_expiry()
        self._policy = f'"default";q={rate_limit.amount};w={self._window}'
        self._policy_field = (b"ratelimit-policy", self._policy.encode())

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Count the request, and let it through if it is within the client's share."""
        key = self._rate_limit.key_for(scope["user"])
        count = await self._counts.add(key, self._window)
        if count > self._rate_limit.amount:
            raise await self._refusal(key)
        remaining_field = (b"ratelimit", b'"default";r=%d' % (self._rate_limit.amount - count))

        async def send_with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], self._policy_field, remaining_field]
            await send(message)

        await next_app(scope, receive, send_with_fields)

    async def _refusal(self, key: str) -> RateLimitedError:
        end_of_window = await self._counts.end_of_window(key)
        seconds = max(1, math.ceil(end_of_window - time.time()))
        return RateLimitedError(seconds, {"RateLimit-Policy": self._policy, "RateLimit": f'"default";r=0;t={seconds}'})


class _Counts(Protocol):
    async def add(self, key: str, window: int) -> int:
        """Count one more in the key's window of so many seconds, and return how many that are."""

    async def end_of_window(self, key: str) -> float:
        """Return when the key's window ends, in seconds since the epoch."""


class _CountsInMemory:
    """The storage of `limits` for threads; the one for asyncio starts a task and looks at every client each time."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()

    async def add(self, key: str, window: int) -> int:
        return self._storage.incr(key, window)

    async def end_of_window(self, key: str) -> float:
        return self._storage.get_expiry(key)


class _CountsInValkey:
    """The storage of `limits` that counts in one script."""

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

    async def end_of_window(self, key: str) -> float:
        with store_errors():
            return await self._storage.get_expiry(key)
