"""Serves the files of the page from memory."""

import hashlib
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

_FILES = Path(__file__).with_name("files")


def page_routes() -> list[HTTPRouteHandler]:
    """Return the routes of the page and of what it loads."""
    parts = sorted(file for file in _FILES.iterdir() if file.suffix in {".css", ".js"})
    return [_route("/", _FILES / "index.html"), *(_route(f"/page/{file.name}", file) for file in parts)]


def _route(path: str, file: Path) -> HTTPRouteHandler:
    content = file.read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    # Browsers ask each time, so that all files are of the same version, and get them only when they have changed.
    headers = {"ETag": etag, "Cache-Control": "no-cache"}

    @get(path, name=f"page {file.name}", include_in_schema=False, sync_to_thread=False)
    def send_file(request: Request[str, object, State]) -> Response[bytes | None]:
        if etag in request.headers.get("if-none-match", ""):
            return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(content, media_type=guess_type(file.name)[0], headers=headers)

    return send_file
