"""The endpoint that Prometheus reads."""

from litestar import Controller, Response, get
from prometheus_client import CONTENT_TYPE_LATEST

from number_api.access.admission import ANY_ADDRESS, NEEDED_SCOPE
from number_api.access.api_keys import KeyScope
from number_api.access.rate_limit import UNCOUNTED
from number_api.errors import HostNotAllowedError, NotAuthenticatedError, ScopeMissingError
from number_api.observation.metrics import Metrics
from number_api.problems import problem_responses


class MetricsController(Controller):
    """Metrics, which must be had while the store is down, and so are not counted there."""

    metrics: Metrics

    tags = ("Operation",)
    opt = {NEEDED_SCOPE: KeyScope.READ, UNCOUNTED: True, ANY_ADDRESS: True}  # noqa: RUF012 (as Litestar declares it)

    @get(
        "/metrics",
        media_type="text/plain",
        summary="Metrics for Prometheus",
        response_description="The metrics",
        responses=problem_responses(HostNotAllowedError, NotAuthenticatedError, ScopeMissingError),
    )
    async def get_metrics(self) -> Response[bytes]:
        """Return the metrics in Prometheus's text format."""
        return Response(self.metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})
