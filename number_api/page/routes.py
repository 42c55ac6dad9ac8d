"""The routes of the page and of what it loads."""

from pathlib import Path

from litestar.handlers import HTTPRouteHandler

from number_api.static_files import Downloads, file_route

_FILES = Path(__file__).with_name("files")


def page_routes(downloads: Downloads) -> list[HTTPRouteHandler]:
    """Return the routes of the page and of what it loads."""
    parts = sorted(file for file in _FILES.iterdir() if file.suffix in {".css", ".js"})
    return [
        file_route("/", _FILES / "index.html", downloads),
        *(file_route(f"/page/{file.name}", file, downloads) for file in parts),
    ]
