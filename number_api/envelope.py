"""What holds for every request, also for those that the router refuses, which no middleware of Litestar sees."""

import re
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from number_api.observation.access_log import log_request
from number_api.observation.metrics import Metrics
from number_api.security_headers import with_security_headers

# Under this in the state of a request's scope stand the header fields that are still to be added to its answer.
ANSWER_FIELDS = "answer_fields"

# The route of a request that the router refused. Its path can be anything, and so must not become a label.
_NO_ROUTE = "none"

# The answers to OPTIONS and to a method that is not allowed.
_STATUSES_WITH_ALLOW = (HTTPStatus.NO_CONTENT, HTTPStatus.METHOD_NOT_ALLOWED)

# A gateway may have given the request an id already; anything that could garble a log is replaced.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")


class Envelope:
    """Gives a request an id and its sender a name, completes the header fields of its answer, then counts and logs it.

    It also answers HEAD as GET without the body (RFC 9110, 9.3.2), which Litestar leaves to each handler.
    """

    def __init__(
        self, app: ASGIApp, identify: Callable[[Scope], None], metrics: Metrics, is_draining: Callable[[], bool]
    ) -> None:
        """Wrap an application.

        Args:
            app: The application.
            identify: What puts the name of its sender into the scope of a request.
            metrics: What counts its requests.
            is_draining: Tells whether the process has been asked to stop. Answers then end their connections, so that
                no client is about to send its next request when the connections are closed.
        """
        self._is_draining = is_draining
        self._app = app
        self._identify = identify
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        started = time.perf_counter()
        request_id = _request_id(scope)
        state = scope["state"]
        state["request_id"] = request_id.decode()
        state[ANSWER_FIELDS] = [(b"x-request-id", request_id)]
        self._identify(scope)
        method = str(scope.get("method", ""))
        is_head = method == "HEAD"
        if is_head:
            # A copy, since the server goes by its own.
            scope = scope.copy()
            scope["method"] = "GET"  # type: ignore[typeddict-unknown-key]
        status = 500

        async def send_completed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                closing = [(b"connection", b"close")] if self._is_draining() else []
                message["headers"] = with_security_headers([*message["headers"], *state[ANSWER_FIELDS], *closing])
                if status in _STATUSES_WITH_ALLOW:
                    message["headers"] = [_allow_head(*field) for field in message["headers"]]
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        try:
            await self._app(scope, receive, send_completed)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.record(method, scope.get("path_template", _NO_ROUTE), status, seconds)
            log_request(scope, method, status, seconds)


def _allow_head(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return (name, value.replace(b"GET", b"GET, HEAD")) if name == b"allow" else (name, value)


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value
    return secrets.token_hex(16).encode()
