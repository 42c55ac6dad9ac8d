"""Files that pages load, served from memory: compressed, revalidated, and in pieces that wait for slow clients."""

import asyncio
import contextlib
import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path
from typing import Any, cast

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from number_api.errors import TooManyDownloadsError

# What one connection may hold in memory beside the kernel's buffers.
_PIECE_BYTES = 16 * 1024

# A file of at least two pieces is a download: it may wait for its client, so there are no more than so many at once.
_MOST_DOWNLOADS = 100
_MOST_DOWNLOADS_PER_CLIENT = 20
_DOWNLOAD_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Content:
    """One form of a file: its bytes, and the header fields that go with them."""

    body: bytes
    headers: dict[str, str]

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


class Downloads:
    """Counts the downloads under way, each client's and all of them."""

    def __init__(self) -> None:
        """Start with none."""
        self._by_client: dict[str, int] = {}

    @contextlib.contextmanager
    def one_more(self, client: str) -> Iterator[None]:
        """Count a download while it is under way.

        Raises:
            TooManyDownloadsError: There are as many as there may be.
        """
        own = self._by_client.get(client, 0)
        if own >= _MOST_DOWNLOADS_PER_CLIENT or sum(self._by_client.values()) >= _MOST_DOWNLOADS:
            raise TooManyDownloadsError
        self._by_client[client] = own + 1
        try:
            yield
        finally:
            self._by_client[client] -= 1
            if not self._by_client[client]:
                del self._by_client[client]


def file_route(path: str, file: Path, downloads: Downloads) -> HTTPRouteHandler:
    """Return the route that serves a file, which is read once.

    Browsers ask each time, so that all files are of the same version, and get them only when they have changed.
    """
    media_type = guess_type(file.name)[0]
    plain = _content(file.read_bytes(), {})
    compressed = _content(gzip.compress(plain.body, mtime=0), {"Content-Encoding": "gzip"})

    @get(path, name=f"file {path}", include_in_schema=False, sync_to_thread=False)
    def send_file(request: Request[str, object, State]) -> Response[bytes | None] | Stream:
        content = compressed if _takes_gzip(request.headers.get("accept-encoding", "")) else plain
        if content.etag in request.headers.get("if-none-match", ""):
            return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=content.headers)
        if len(content.body) <= 2 * _PIECE_BYTES:
            return Response(content.body, media_type=media_type, headers=content.headers)
        return _Download(content.body, downloads, request.user, media_type, content.headers)

    return send_file


def _content(body: bytes, headers: dict[str, str]) -> _Content:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return _Content(body, {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding", **headers})


def _takes_gzip(accepted: str) -> bool:
    return bool(re.search(r"(^|[\s,])(gzip|\*)(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accepted.lower()))


class _Download(Stream):
    """A body in pieces, each of which waits for the client to take the one before."""

    def __init__(
        self, body: bytes, downloads: Downloads, client: str, media_type: str | None, headers: dict[str, str]
    ) -> None:
        pieces = (body[start : start + _PIECE_BYTES] for start in range(0, len(body), _PIECE_BYTES))
        super().__init__(pieces, media_type=media_type, headers={**headers, "Content-Length": str(len(body))})
        self._downloads = downloads
        self._client = client

    def to_asgi_response(self, *arguments: Any, **options: Any) -> ASGIResponse:  # noqa: ANN401 (as Litestar's)
        """Return what sends it, within the limits."""
        response = super().to_asgi_response(*arguments, **options)

        async def send_within_limits(scope: Scope, receive: Receive, send: Send) -> None:
            # Granian closes the connection of an answer that is cut off.
            with self._downloads.one_more(self._client), contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DOWNLOAD_SECONDS):
                    await response(scope, receive, send)

        return cast("ASGIResponse", send_within_limits)
