"""The number API as one would write it with FastAPI: what ours is measured against.

`bare` answers and does nothing else. `equipped` has what ours has: a rate limit, metrics, header fields that make its
answers safe, request ids, and uvicorn's access log.
"""

import secrets
import time
from typing import Any

from fastapi import FastAPI, HTTPException, Path, Request
from prometheus_fastapi_instrumentator import Instrumentator
from pydantic import BaseModel
from slowapi import Limiter
from slowapi.util import get_remote_address
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from number_api import NumberSet
from number_api.security_headers import with_security_headers

RATE_LIMIT = "1000000000/minute"


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
    return _application(lambda handler: handler)


def equipped() -> FastAPI:
    """Do what ours does."""
    limiter = Limiter(key_func=get_remote_address, headers_enabled=False)
    app = _application(limiter.limit(RATE_LIMIT))
    app.state.limiter = limiter
    Instrumentator().instrument(app).expose(app)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    app.add_middleware(AnswerFields)
    return app


def _application(limited: Any) -> FastAPI:  # noqa: ANN401 (a decorator of any handler)
    app = FastAPI()
    numbers = NumberSet()

    @app.post("/extract/{number}", response_model=Extracted)
    @limited
    async def extract_number(request: Request, number: int = Path(ge=1, le=100)) -> Extracted:  # noqa: ARG001
        if not numbers.extract(number):
            raise HTTPException(409, f"{number} is already extracted")
        return Extracted(
            success=True,
            message=f"Extracted {number}",
            extracted_number=number,
            remaining_count=numbers.remaining_count,
        )

    @app.get("/missing", response_model=Missing)
    @limited
    async def find_missing_number(request: Request) -> Missing:  # noqa: ARG001
        started = time.perf_counter()
        number = numbers.find_missing_number()
        milliseconds = (time.perf_counter() - started) * 1000
        return Missing(missing_number=number, calculation_method="sum", execution_time_ms=milliseconds)

    @app.post("/reset")
    @limited
    async def reset_numbers(request: Request) -> dict[str, bool]:  # noqa: ARG001
        numbers.reset()
        return {"success": True}

    return app
