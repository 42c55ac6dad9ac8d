"""The endpoint that Prometheus reads."""

from litestar import Controller, Response, route
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from prometheus_client import CONTENT_TYPE_LATEST

from number_api.access.api_keys import KeyScope
from number_api.access.authorization import NEEDED_SCOPE
from number_api.access.rate_limit import UNCOUNTED
from number_api.errors import HostNotAllowedError, NotAuthenticatedError, ScopeMissingError
from number_api.observation.metrics import Metrics
from number_api.problems.documentation import problem_responses


class MetricsController(Controller):
    """Metrics, which must be had while the store is down, and so are not counted there."""

    tags = ("Operation",)
    security = ({"apiKey": []},)
    opt = {NEEDED_SCOPE: KeyScope.READ, UNCOUNTED: True}  # noqa: RUF012 (as Litestar declares it)

    @route(
        "/metrics",
        http_method=["GET", "HEAD"],
        media_type="text/plain",
        summary="Metrics for Prometheus",
        response_description="The metrics",
        responses=problem_responses(HostNotAllowedError, NotAuthenticatedError, ScopeMissingError),
    )
    async def get_metrics(self, metrics: NamedDependency[SkipValidation[Metrics]]) -> Response[bytes]:
        """Return the metrics in Prometheus's text format."""
        return Response(metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})
