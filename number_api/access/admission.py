"""The checks that a request passes before its handler is called."""

from collections.abc import Sequence
from typing import Protocol

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send


class Check(Protocol):
    """Looks at a request, and may refuse it."""

    async def __call__(self, scope: Scope) -> None:
        """Return to let the request through, or raise a RequestError."""


class Admission(ASGIMiddleware):
    """Lets a request through that every check lets through.

    The checks are one middleware, and not one each, since every layer of middleware costs as much as a check.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, checks: Sequence[Check]) -> None:
        """Apply these checks, in this order."""
        self._checks = checks

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Check the request and pass it on."""
        for check in self._checks:
            await check(scope)
        await next_app(scope, receive, send)
