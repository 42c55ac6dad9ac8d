"""The number API as one would write it with FastAPI: what ours is measured against.

`bare` answers and does nothing else. `equipped` has what ours has: a rate limit, metrics, header fields that make its
answers safe, request ids, and uvicorn's access log. `limited_in_valkey` is `bare` with numbers and limit in Valkey.
"""

import os
import secrets
import time
from typing import Any, Protocol

from fastapi import FastAPI, HTTPException, Path, Request
from prometheus_fastapi_instrumentator import Instrumentator
from pydantic import BaseModel
from redis.asyncio import Redis
from slowapi import Limiter
from slowapi.util import get_remote_address
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from number_api import NumberSet
from number_api.security_headers import with_security_headers

RATE_LIMIT = "1000000000/minute"

# Names the Valkey of `limited_in_valkey`.
STORE_VARIABLE = "BENCHMARK_STORE_URL"

_EXTRACT = """
if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then
  return -1
end
redis.call('DECRBY', KEYS[2], ARGV[1])
return redis.call('SCARD', KEYS[1])
"""
_MISSING = "return {redis.call('SCARD', KEYS[1]), tonumber(redis.call('GET', KEYS[2]))}"


class Extracted(BaseModel):
    """A number was extracted."""

    success: bool
    message: str
    extracted_number: int
    remaining_count: int


class Missing(BaseModel):
    """The one missing number."""

    missing_number: int
    calculation_method: str
    execution_time_ms: float


class Numbers(Protocol):
    """Where the numbers are kept."""

    async def extract(self, number: int) -> int | None:
        """Take a number out; return how many remain, or None if it was out."""

    async def find_missing_number(self) -> int:
        """Return the one that is out."""

    async def reset(self) -> None:
        """Put every number back."""


class InMemory:
    """In memory."""

    def __init__(self) -> None:
        """Start with all."""
        self._numbers = NumberSet()

    async def extract(self, number: int) -> int | None:
        """Take a number out."""
        return self._numbers.remaining_count if self._numbers.extract(number) else None

    async def find_missing_number(self) -> int:
        """Return the one that is out."""
        return self._numbers.find_missing_number()

    async def reset(self) -> None:
        """Put every number back."""
        self._numbers.reset()


class InValkey:
    """In Valkey, by a script for each operation."""

    def __init__(self, url: str) -> None:
        """Use the Valkey there."""
        self._client = Redis.from_url(url)
        self._extract = self._client.register_script(_EXTRACT)
        self._missing = self._client.register_script(_MISSING)
        self._keys = ["fastapi:numbers", "fastapi:sum"]

    async def extract(self, number: int) -> int | None:
        """Take a number out."""
        remaining = await self._extract(self._keys, [number])
        return None if remaining < 0 else remaining

    async def find_missing_number(self) -> int:
        """Return the one that is out."""
        count, total = await self._missing(self._keys)
        if count != 99:
            raise HTTPException(409, "Not one number is missing")
        return 5050 - total

    async def reset(self) -> None:
        """Put every number back."""
        async with self._client.pipeline(transaction=True) as pipeline:
            await pipeline.sadd(self._keys[0], *range(1, 101)).set(self._keys[1], 5050).execute()


class AnswerFields:
    """Adds the header fields that ours adds, in the cheapest way there is."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        request_id = secrets.token_hex(16).encode()

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = with_security_headers([*message["headers"], (b"x-request-id", request_id)])
            await send(message)

        await self._app(scope, receive, send_completed)


def bare() -> FastAPI:
    """Answer, and do nothing else."""
    return _application(lambda handler: handler, InMemory())


def limited_in_valkey() -> FastAPI:
    """Keep the numbers in Valkey, and let slowapi count there."""
    url = os.environ[STORE_VARIABLE]
    limiter = Limiter(key_func=get_remote_address, headers_enabled=False, storage_uri=url)
    app = _application(limiter.limit(RATE_LIMIT), InValkey(url))
    app.state.limiter = limiter
    return app


def equipped() -> FastAPI:
    """Do what ours does."""
    limiter = Limiter(key_func=get_remote_address, headers_enabled=False)
    app = _application(limiter.limit(RATE_LIMIT), InMemory())
    app.state.limiter = limiter
    Instrumentator().instrument(app).expose(app)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    app.add_middleware(AnswerFields)
    return app


def _application(limited: Any, numbers: Numbers) -> FastAPI:  # noqa: ANN401 (a decorator of any handler)
    app = FastAPI()

    @app.post("/extract/{number}", response_model=Extracted)
    @limited
    async def extract_number(request: Request, number: int = Path(ge=1, le=100)) -> Extracted:  # noqa: ARG001
        remaining = await numbers.extract(number)
        if remaining is None:
            raise HTTPException(409, f"{number} is already extracted")
        return Extracted(
            success=True,
            message=f"Extracted {number}",
            extracted_number=number,
            remaining_count=remaining,
        )

    @app.get("/missing", response_model=Missing)
    @limited
    async def find_missing_number(request: Request) -> Missing:  # noqa: ARG001
        started = time.perf_counter()
        number = await numbers.find_missing_number()
        milliseconds = (time.perf_counter() - started) * 1000
        return Missing(missing_number=number, calculation_method="sum", execution_time_ms=milliseconds)

    @app.post("/reset")
    @limited
    async def reset_numbers(request: Request) -> dict[str, bool]:  # noqa: ARG001
        await numbers.reset()
        return {"success": True}

    return app
