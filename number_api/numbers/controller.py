"""The endpoints that extract numbers and find the missing one."""

import time

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, HTTPException
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT

from number_api.errors import InvalidNumberError, NumberApiError
from number_api.numbers.number_set import NumberSet, parse_number
from number_api.numbers.responses import ExtractResponse, MissingNumberResponse, ResetResponse


class NumbersController(Controller):
    """Extract numbers, find the missing one, start again."""

    tags = ("numbers",)

    @post("/extract/{number:str}", status_code=HTTP_200_OK, operation_id="extractNumber")
    async def extract(self, number: FromPath[str], numbers: NamedDependency[NumberSet]) -> ExtractResponse:
        """Take a number out of the set."""
        try:
            parsed_number = parse_number(number)
        except InvalidNumberError as error:
            raise ClientException(str(error)) from error
        if not numbers.extract(parsed_number):
            raise HTTPException(f"{parsed_number} is already extracted", status_code=HTTP_409_CONFLICT)
        return ExtractResponse(True, f"Extracted {parsed_number}", parsed_number, numbers.remaining_count)

    @get("/missing", operation_id="getMissingNumber")
    async def missing(self, numbers: NamedDependency[NumberSet]) -> MissingNumberResponse:
        """Find the one number that is out."""
        started = time.perf_counter()
        try:
            number = numbers.find_missing_number()
        except NumberApiError as error:
            raise HTTPException(str(error), status_code=HTTP_409_CONFLICT) from error
        return MissingNumberResponse(number, "sum formula", (time.perf_counter() - started) * 1000)

    @post("/reset", status_code=HTTP_200_OK, operation_id="resetNumbers")
    async def reset(self, numbers: NamedDependency[NumberSet]) -> ResetResponse:
        """Put every number back."""
        numbers.reset()
        return ResetResponse(True, "Every number is back", numbers.remaining_count)
