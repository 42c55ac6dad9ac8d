"""The application factory."""

from collections.abc import Callable

from litestar import Controller, Litestar

from number_api.access.admission import Admission
from number_api.access.client import IdentifyClient
from number_api.access.proxies import TrustedProxies
from number_api.access.rate_limit import RateLimit
from number_api.documentation.openapi import KEY_NEEDED, documentation_routes, openapi_config
from number_api.envelope import Envelope
from number_api.health import HealthController
from number_api.numbers.controller import NumbersController
from number_api.numbers.memory_store import MemoryStore
from number_api.numbers.valkey_store import ValkeyStore
from number_api.observation.controller import MetricsController
from number_api.observation.failures import log_failure
from number_api.observation.metrics import Metrics
from number_api.page.routes import page_routes
from number_api.problems import exception_handlers
from number_api.request_body import MAX_BODY_BYTES, receive_body
from number_api.settings import Settings
from number_api.static_files import Downloads


def create_app(settings: Settings | None = None, is_draining: Callable[[], bool] = lambda: False) -> Litestar:
    """Build the service.

    Args:
        settings: How; by default as the environment says.
        is_draining: Tells whether the process has been asked to stop.

    Raises:
        SettingsError: A setting in the environment cannot be used.
    """
    settings = settings or Settings.from_environment()
    store = ValkeyStore(settings.store_url) if settings.store_url else MemoryStore()
    metrics = Metrics()
    downloads = Downloads()
    has_keys = bool(settings.api_keys)
    security = [KEY_NEEDED] if has_keys else None
    app = Litestar(
        route_handlers=[
            _with(NumbersController, store=store, security=security),
            _with(HealthController, store=store, is_draining=staticmethod(is_draining)),
            _with(MetricsController, metrics=metrics, security=security),
            *documentation_routes(downloads),
            *page_routes(downloads),
        ],
        middleware=[Admission(settings.allowed_hosts)],
        before_request=receive_body,
        request_max_body_size=MAX_BODY_BYTES,
        exception_handlers=exception_handlers(),
        after_exception=[log_failure],
        on_shutdown=[store.close],
        openapi_config=openapi_config(has_keys=has_keys),
        logging_config=None,
        debug=False,
    )
    if settings.rate_limit:
        app.asgi_handler = RateLimit(app.asgi_handler, settings.rate_limit, store)
    app.asgi_handler = Envelope(app.asgi_handler, IdentifyClient(settings.api_keys), metrics, is_draining)
    if settings.trusted_proxies:
        app.asgi_handler = TrustedProxies(app.asgi_handler, settings.trusted_proxies, settings.forwarded_field)
    return app


def _with(controller: type[Controller], **parts: object) -> type[Controller]:
    """Give a controller what it works with. Litestar's dependencies would be resolved anew for every request."""
    return type(controller.__name__, (controller,), parts)
