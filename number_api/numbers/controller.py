"""The endpoints of the numbers."""

import time
from http import HTTPStatus
from typing import Annotated

from litestar import Controller, get, post
from litestar.openapi.spec import Example
from litestar.params import PathParameter
from litestar.types import Scope

from number_api.access.admission import NEEDED_SCOPE
from number_api.access.api_keys import KeyScope
from number_api.access.share import share_of
from number_api.errors import (
    BodyIncompleteError,
    BodyTooLargeError,
    CrossSiteError,
    HostNotAllowedError,
    IdempotencyKeyReusedError,
    InternalError,
    InvalidIdempotencyKeyError,
    InvalidNumberError,
    NoNumberMissingError,
    NotAuthenticatedError,
    NumberAlreadyExtractedError,
    RateLimitedError,
    ScopeMissingError,
    SeveralNumbersMissingError,
    StoreUnavailableError,
)
from number_api.json_response import JsonResponse
from number_api.numbers.idempotency import IdempotentOperation, record_name
from number_api.numbers.number_set import MAX_NUMBER, missing_number, parse_number
from number_api.numbers.responses import (
    CALCULATION_METHOD,
    ExtractResponse,
    MissingNumberResponse,
    NumbersResponse,
    ResetResponse,
    StatusResponse,
)
from number_api.numbers.store import NumberStore
from number_api.problems import problem_responses

NumberInPath = Annotated[
    str,
    PathParameter(
        description="An integer in plain decimal digits.",
        examples=[Example(value=42)],
        # Litestar's own int would take "+8", "5.0" and the digits of every script; parse_number does not.
        schema_extra={"type": "integer", "minimum": 1, "maximum": MAX_NUMBER},
    ),
]

_COMMON_PROBLEMS = (
    HostNotAllowedError,
    NotAuthenticatedError,
    ScopeMissingError,
    RateLimitedError,
    InternalError,
    StoreUnavailableError,
)
# Of requests that change something.
_CHANGE_PROBLEMS = (CrossSiteError, BodyIncompleteError, BodyTooLargeError)


class NumbersController(Controller):
    """Extract numbers, find the missing one, start again."""

    store: NumberStore

    response_class = JsonResponse
    tags = ("Numbers",)

    @post(
        "/extract/{number:str}",
        status_code=HTTPStatus.OK,
        opt={NEEDED_SCOPE: KeyScope.EXTRACT},
        operation_class=IdempotentOperation,
        summary="Extract a number",
        response_description="The number was extracted",
        responses=problem_responses(
            InvalidNumberError,
            InvalidIdempotencyKeyError,
            NumberAlreadyExtractedError,
            IdempotencyKeyReusedError,
            *_CHANGE_PROBLEMS,
            *_COMMON_PROBLEMS,
        ),
    )
    async def extract_number(self, scope: Scope, number: NumberInPath) -> ExtractResponse:
        """Take a number out of the set."""
        wanted = parse_number(number)
        extraction = await self.store.extract(wanted, record_name(scope["user"], scope["headers"]), share_of(scope))
        if extraction.number != wanted:
            raise IdempotencyKeyReusedError
        if not extraction.was_extracted:
            raise NumberAlreadyExtractedError(wanted)
        return ExtractResponse(
            success=True,
            message=f"Extracted {wanted}",
            extracted_number=wanted,
            remaining_count=extraction.remaining_count,
        )

    @get(
        "/missing",
        opt={NEEDED_SCOPE: KeyScope.READ},
        summary="Find the missing number",
        response_description="The one missing number",
        responses=problem_responses(NoNumberMissingError, SeveralNumbersMissingError, *_COMMON_PROBLEMS),
    )
    async def find_missing_number(self, scope: Scope) -> MissingNumberResponse:
        """Compute the one missing number from the count and the sum of the remaining ones."""
        started = time.perf_counter()
        tally = await self.store.tally(share_of(scope))
        number = missing_number(tally.remaining_count, tally.remaining_sum)
        milliseconds = (time.perf_counter() - started) * 1000
        return MissingNumberResponse(number, CALCULATION_METHOD, milliseconds)

    @post(
        "/reset",
        status_code=HTTPStatus.OK,
        opt={NEEDED_SCOPE: KeyScope.RESET},
        summary="Put every number back",
        response_description="Every number is back",
        responses=problem_responses(*_CHANGE_PROBLEMS, *_COMMON_PROBLEMS),
    )
    async def reset_numbers(self, scope: Scope) -> ResetResponse:
        """Restore the full set."""
        await self.store.reset(share_of(scope))
        return ResetResponse(success=True, message="Every number is back", remaining_count=MAX_NUMBER)

    @get(
        "/status",
        opt={NEEDED_SCOPE: KeyScope.READ},
        summary="Count the remaining numbers and list the extracted ones",
        response_description="The counts and the extracted numbers",
        responses=problem_responses(*_COMMON_PROBLEMS),
    )
    async def get_status(self, scope: Scope) -> StatusResponse:
        """Return how many numbers are left and which ones are out."""
        remaining = await self.store.current_set(share_of(scope))
        extracted = sorted(set(range(1, MAX_NUMBER + 1)).difference(remaining))
        return StatusResponse(MAX_NUMBER, len(remaining), len(extracted), extracted)

    @get(
        "/numbers",
        opt={NEEDED_SCOPE: KeyScope.READ},
        summary="List the remaining numbers",
        response_description="The numbers that are in the set",
        responses=problem_responses(*_COMMON_PROBLEMS),
    )
    async def get_numbers(self, scope: Scope) -> NumbersResponse:
        """List the numbers that are in the set."""
        remaining = await self.store.current_set(share_of(scope))
        return NumbersResponse(remaining, len(remaining))
