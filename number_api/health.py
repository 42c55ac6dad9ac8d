"""The endpoints that tell an orchestrator whether this instance is alive and ready for requests."""

from collections.abc import Callable

from litestar import Controller, get
from msgspec import Struct

from number_api.access.admission import ANY_HOST
from number_api.access.rate_limit import UNCOUNTED
from number_api.errors import ShuttingDownError, StoreUnavailableError
from number_api.json_response import JsonResponse
from number_api.numbers.store import NumberStore
from number_api.problems import problem_responses


class HealthResponse(Struct, frozen=True):
    """The instance is alive or ready."""

    status: str


class HealthController(Controller):
    """Health checks: open to everyone, however often."""

    store: NumberStore
    is_draining: Callable[[], bool]

    path = "/health"
    response_class = JsonResponse
    tags = ("Operation",)
    opt = {ANY_HOST: True, UNCOUNTED: True}  # noqa: RUF012 (as Litestar declares it)

    @get("/live", summary="Check whether the process is alive", response_description="The process is alive")
    async def check_liveness(self) -> HealthResponse:
        """Respond. If there is no response, restart the instance."""
        return HealthResponse("alive")

    @get(
        "/ready",
        summary="Check whether the instance is ready for requests",
        response_description="The instance is ready",
        responses=problem_responses(StoreUnavailableError, ShuttingDownError),
    )
    async def check_readiness(self) -> HealthResponse:
        """Check the store, and whether this instance is shutting down."""
        if self.is_draining():
            raise ShuttingDownError
        await self.store.check()
        return HealthResponse("ready")
