"""The endpoints that tell an orchestrator whether this instance lives, and whether to send it requests."""

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
    """All is well."""

    status: str


class HealthController(Controller):
    """Health checks: open to everyone, however often."""

    store: NumberStore
    is_draining: Callable[[], bool]

    path = "/health"
    response_class = JsonResponse
    tags = ("Operation",)
    opt = {ANY_HOST: True, UNCOUNTED: True}  # noqa: RUF012 (as Litestar declares it)

    @get("/live", summary="Is the process alive?", response_description="It is alive")
    async def check_liveness(self) -> HealthResponse:
        """Answer, which is all the proof there is; restart the instance when it does not."""
        return HealthResponse("alive")

    @get(
        "/ready",
        summary="Should it be sent requests?",
        response_description="It should",
        responses=problem_responses(StoreUnavailableError, ShuttingDownError),
    )
    async def check_readiness(self) -> HealthResponse:
        """Ask the store, and whether this instance is about to stop."""
        if self.is_draining():
            raise ShuttingDownError
        await self.store.check()
        return HealthResponse("ready")
