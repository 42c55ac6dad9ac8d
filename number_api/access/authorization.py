"""Lets a request through if its API key allows what it asks for."""

from litestar.types import Scope

from number_api.errors import NotAuthenticatedError, ScopeMissingError

# A handler names the scope that it needs under this in its `opt`; one that names none is for everyone.
NEEDED_SCOPE = "needed_scope"


async def authorize(scope: Scope) -> None:
    """Refuse a request whose client, as IdentifyClient has told, lacks the scope that the handler needs.

    No guard, because Litestar copies the handler for every request that has one, which takes a tenth of the whole time.
    """
    needed = scope["route_handler"].opt.get(NEEDED_SCOPE)
    if needed:
        api_key = scope["auth"]
        if api_key is None:
            raise NotAuthenticatedError("Send a valid API key: Authorization: Bearer KEY")
        if needed not in api_key.scopes:
            raise ScopeMissingError(needed)
