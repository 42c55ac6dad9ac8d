"""What the OpenAPI description says beyond the handlers."""

from http import HTTPStatus
from pathlib import Path

import litestar_offline_docs
from litestar import Request, Response, Router
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Server, Tag

from number_api import API_VERSION
from number_api.static_files import Downloads, file_route

_FILES = "/docs/files"
# Of all that the package of Swagger UI has, what the page loads.
_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js")

_SECURITY_SCHEME = "apiKey"
# What an operation says that needs an API key.
KEY_NEEDED: dict[str, list[str]] = {_SECURITY_SCHEME: []}

_DESCRIPTION = """\
Hosts the set of the first 100 natural numbers and computes which one is missing.

Errors are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem details; `type` identifies the kind.
If API keys are configured, send one as `Authorization: Bearer KEY`. Its scopes define what it allows: `read`,
`extract`, `reset`."""

_PAGE = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Number API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{_FILES}/swagger-ui.css">
<script src="{_FILES}/swagger-ui-bundle.js" defer></script>
<script src="{_FILES}/page.js" defer></script>
</head>
<body><main id="page"></main></body>
</html>
"""


class OfflinePage(OpenAPIRenderPlugin):
    """Swagger UI from this service's own files.

    Litestar's plugin puts a script into the page, which the content security policy forbids.
    """

    def __init__(self) -> None:
        """Serve it at the root of the documentation."""
        super().__init__(path="/")

    def render(self, request: Request, openapi_schema: dict[str, object]) -> bytes:  # type: ignore[type-arg]  # noqa: ARG002
        """Return the page, which fetches the description itself."""
        return _PAGE.encode()


def openapi_config(*, has_keys: bool) -> OpenAPIConfig:
    """Return how Litestar describes and shows the API.

    Args:
        has_keys: Whether the operations that have KEY_NEEDED are open to the holders of API keys alone.
    """
    key = SecurityScheme(type="http", scheme="bearer", description="An API key.")
    return OpenAPIConfig(
        title="Number API",
        version=API_VERSION,
        description=_DESCRIPTION,
        openapi_router=Router("/docs", route_handlers=[], include_in_schema=False, after_request=_refuse_unknown),
        render_plugins=[OfflinePage()],
        operation_id_creator=_operation_id,
        use_handler_docstrings=True,
        servers=[Server(url="/")],
        tags=[
            Tag(name="Numbers", description="Extract numbers and find the missing one"),
            Tag(name="Operation", description="For operators of the service"),
        ],
        components=Components(security_schemes={_SECURITY_SCHEME: key} if has_keys else None),
    )


def documentation_routes(downloads: Downloads) -> list[HTTPRouteHandler]:
    """Return the routes of the files that the page loads."""
    swagger_ui = Path(litestar_offline_docs.__file__).with_name("static")
    files = [swagger_ui / name for name in _SWAGGER_UI] + sorted(Path(__file__).with_name("files").iterdir())
    return [file_route(f"{_FILES}/{file.name}", file, downloads) for file in files]


def _operation_id(handler: HTTPRouteHandler, *_: object) -> str:
    return handler.handler_name


async def _refuse_unknown(response: Response[object]) -> Response[object]:
    """Answer an unknown path below /docs as any other one; Litestar has a page for it that is no problem."""
    if response.status_code == HTTPStatus.NOT_FOUND:
        raise NotFoundException
    return response
