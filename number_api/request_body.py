"""Receives the body that no endpoint needs, within limits of size and time.

Unread, a body would stay on its way for as long as the client likes; read, Litestar's limit of size applies to it.
"""

import asyncio

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import InternalServerException

from number_api.errors import BodyIncompleteError, MalformedRequestError

MAX_BODY_BYTES = 1024
BODY_SECONDS = 5

_ANNOUNCEMENTS = (b"content-length", b"transfer-encoding")


async def receive_body(request: Request[str, object, State]) -> None:
    """Read the body, if there is one, to its end; a `before_request` hook.

    Raises:
        BodyIncompleteError: It did not arrive in time.
        MalformedRequestError: It cannot be read to its end.
        RequestEntityTooLarge: It is larger than Litestar's request_max_body_size.
    """
    # In HTTP/1.1 these tell that there is a body (RFC 9112, 6). Looking is quick and reading is not.
    if not any(name in _ANNOUNCEMENTS and value != b"0" for name, value in request.scope["headers"]):
        return
    try:
        async with asyncio.timeout(BODY_SECONDS):
            await request.body()
    except TimeoutError:
        raise BodyIncompleteError(BODY_SECONDS) from None
    # Litestar's for a client that has gone away, which is what the server also makes of a body whose chunks break the
    # rules; as a 500 that would look like a failure of the service.
    except InternalServerException:
        raise MalformedRequestError from None
