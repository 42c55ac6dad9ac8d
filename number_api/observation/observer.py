"""Gives every request an id, counts it and logs it."""

import re
import secrets
import sys
import time

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from number_api.observation.json_lines import json_line
from number_api.observation.metrics import Metrics

# The route of a request that the router refused. Its path can be anything, and so must not become a label.
_NO_ROUTE = "none"

# A gateway may have given the request an id already; anything that could garble a log is replaced.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

# Longer paths are mistakes or attacks, and need not fill the log.
_MAX_PATH_LENGTH = 200


class Observer:
    """The outermost layer: it also sees what the router answers, which no middleware of Litestar does."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap an application."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, and tell of it afterwards."""
        started = time.perf_counter()
        request_id = _request_id(scope)
        scope["state"]["request_id"] = request_id.decode()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._tell(scope, status, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method = str(scope.get("method", ""))
        self._metrics.record(method, scope.get("path_template", _NO_ROUTE), status, seconds)
        line = json_line(
            "info",
            "request",
            {
                "request_id": scope["state"]["request_id"],
                "method": method,
                "path": scope["path"][:_MAX_PATH_LENGTH],
                "status": status,
                "duration_ms": round(seconds * 1000, 3),
                "client": scope.get("user"),
            },
        )
        # Not through the logging module, which takes four times as long for a line.
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value
    return secrets.token_hex(16).encode()
