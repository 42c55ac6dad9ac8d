"""Lets a request through if its API key allows what it asks for."""

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from number_api.access.api_keys import KeyScope
from number_api.errors import NotAuthenticatedError, ScopeMissingError


def requires(needed: KeyScope) -> Guard:
    """Return a guard for handlers that need a scope."""

    # Asynchronous although it awaits nothing: Litestar runs other guards in a thread.
    async def guard(connection: ASGIConnection, _: BaseRouteHandler) -> None:  # type: ignore[type-arg]
        if connection.auth is None:
            raise NotAuthenticatedError("Send a valid API key: Authorization: Bearer KEY")
        if needed not in connection.auth.scopes:
            raise ScopeMissingError(needed)

    return guard
