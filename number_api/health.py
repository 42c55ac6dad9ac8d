"""The endpoints that tell an orchestrator whether this instance lives, and whether to send it requests."""

from collections.abc import Callable

from litestar import Controller, route
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from number_api.access.allowed_hosts import ANY_HOST
from number_api.access.rate_limit import UNCOUNTED
from number_api.errors import ShuttingDownError, StoreUnavailableError
from number_api.numbers.store import NumberStore
from number_api.problems.documentation import problem_responses


class HealthResponse(Struct, frozen=True):
    """All is well."""

    status: str


class HealthController(Controller):
    """Health checks: open to everyone, however often."""

    path = "/health"
    tags = ("Operation",)
    opt = {ANY_HOST: True, UNCOUNTED: True}  # noqa: RUF012 (as Litestar declares it)

    @route("/live", http_method=["GET", "HEAD"], summary="Is the process alive?", response_description="It is alive")
    async def check_liveness(self) -> HealthResponse:
        """Answer, which is all the proof there is; restart the instance when it does not."""
        return HealthResponse("alive")

    @route(
        "/ready",
        http_method=["GET", "HEAD"],
        summary="Should it be sent requests?",
        response_description="It should",
        responses=problem_responses(StoreUnavailableError, ShuttingDownError),
    )
    async def check_readiness(
        self,
        store: NamedDependency[SkipValidation[NumberStore]],
        is_draining: NamedDependency[SkipValidation[Callable[[], bool]]],
    ) -> HealthResponse:
        """Ask the store, and whether this instance is about to stop."""
        if is_draining():
            raise ShuttingDownError("This instance is about to stop; send new requests to another one")
        await store.check()
        return HealthResponse("ready")
