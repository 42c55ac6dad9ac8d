"""JSON answers in as few steps as possible: Litestar's own class takes a fifth of the time of a request."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from litestar import Response
from litestar.types import ASGIApp, Receive, Scope, Send

Content = TypeVar("Content", bound=msgspec.Struct)

_encoder = msgspec.json.Encoder()


class JsonResponse(Response[Content]):
    """A struct as JSON; handlers that return a struct use it as their controller's `response_class`."""

    def __init__(
        self,
        content: Content,
        *,
        status_code: int = 200,
        media_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> None:
        """Answer with this content. The other arguments of Litestar's class are not used here."""
        self._body = _encoder.encode(content)
        self._status = status_code
        self._fields = [
            (b"content-type", media_type.encode()),
            (b"content-length", b"%d" % len(self._body)),
            *((name.lower().encode(), value.encode()) for name, value in (headers or {}).items()),
        ]

    def to_asgi_response(self, *_: object, **__: object) -> ASGIApp:  # type: ignore[override]
        """Return what sends the answer."""
        return self._send

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await send({"type": "http.response.start", "status": self._status, "headers": self._fields})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})
