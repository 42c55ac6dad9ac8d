"""The endpoints of the numbers."""

import time
from http import HTTPStatus
from typing import Annotated

from litestar import Controller, Request, get, post
from litestar.datastructures import State
from litestar.openapi.spec import Example
from litestar.params import PathParameter

from number_api.access.api_keys import ApiKey, KeyScope
from number_api.access.authorization import NEEDED_SCOPE
from number_api.errors import (
    BodyIncompleteError,
    CrossSiteError,
    HostNotAllowedError,
    IdempotencyKeyReusedError,
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
from number_api.problems.documentation import problem_responses

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
    HTTPStatus.INTERNAL_SERVER_ERROR,
    StoreUnavailableError,
)
# Of requests that change something.
_CHANGE_PROBLEMS = (CrossSiteError, BodyIncompleteError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class NumbersController(Controller):
    """Extract numbers, find the missing one, start again."""

    store: NumberStore

    response_class = JsonResponse
    tags = ("Numbers",)
    security = ({"apiKey": []},)

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
    async def extract_number(
        self,
        request: Request[str, ApiKey, State],
        number: NumberInPath,
    ) -> ExtractResponse:
        """Take a number out of the set."""
        wanted = parse_number(number)
        extraction = await self.store.extract(wanted, record_name(request.user, request.scope["headers"]))
        if extraction.number != wanted:
            raise IdempotencyKeyReusedError(
                "This Idempotency-Key came with another number before; use a new key for each new request"
            )
        if not extraction.was_extracted:
            raise NumberAlreadyExtractedError(f"{wanted} is already extracted")
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
    async def find_missing_number(self) -> MissingNumberResponse:
        """Compute the one number that is out, from the count and the sum of those that are left."""
        started = time.perf_counter()
        tally = await self.store.tally()
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
    async def reset_numbers(self) -> ResetResponse:
        """Start again with the whole set."""
        await self.store.reset()
        return ResetResponse(success=True, message="Every number is back", remaining_count=MAX_NUMBER)

    @get(
        "/status",
        opt={NEEDED_SCOPE: KeyScope.READ},
        summary="Count what is left and list what is out",
        response_description="What is in the set and what is not",
        responses=problem_responses(*_COMMON_PROBLEMS),
    )
    async def get_status(self) -> StatusResponse:
        """Tell how many numbers are left, and which are out."""
        remaining = await self.store.current_set()
        extracted = sorted(set(range(1, MAX_NUMBER + 1)).difference(remaining))
        return StatusResponse(MAX_NUMBER, len(remaining), len(extracted), extracted)

    @get(
        "/numbers",
        opt={NEEDED_SCOPE: KeyScope.READ},
        summary="List what is left",
        response_description="The numbers that are in the set",
        responses=problem_responses(*_COMMON_PROBLEMS),
    )
    async def get_numbers(self) -> NumbersResponse:
        """List the numbers that are in the set."""
        remaining = await self.store.current_set()
        return NumbersResponse(remaining, len(remaining))
