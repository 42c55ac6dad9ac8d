"""The successful answers of the number endpoints."""

from typing import Annotated

from msgspec import Meta, Struct

from number_api.numbers.number_set import MAX_NUMBER

CALCULATION_METHOD = "n(n+1)/2 less the sum of the remaining numbers"

Number = Annotated[int, Meta(ge=1, le=MAX_NUMBER, examples=[42])]
RemainingCount = Annotated[int, Meta(ge=0, le=MAX_NUMBER, examples=[99])]


class ExtractResponse(Struct, frozen=True):
    """A number was extracted."""

    success: bool
    message: Annotated[str, Meta(examples=["Extracted 42"])]
    extracted_number: Number
    remaining_count: RemainingCount


class MissingNumberResponse(Struct, frozen=True):
    """The one missing number, and how it was found."""

    missing_number: Number
    calculation_method: Annotated[str, Meta(examples=[CALCULATION_METHOD])]
    execution_time_ms: Annotated[
        float, Meta(ge=0, description="Time to read the count and the sum and to compute the number.", examples=[0.012])
    ]


class ResetResponse(Struct, frozen=True):
    """Every number is back."""

    success: bool
    message: Annotated[str, Meta(examples=["Every number is back"])]
    remaining_count: Annotated[int, Meta(examples=[MAX_NUMBER])]


class StatusResponse(Struct, frozen=True):
    """The numbers in the set and those that are out, counted."""

    max_number: Annotated[int, Meta(examples=[MAX_NUMBER])]
    remaining_count: RemainingCount
    extracted_count: Annotated[int, Meta(ge=0, le=MAX_NUMBER, examples=[1])]
    extracted_numbers: Annotated[list[int], Meta(description="Ascending.", examples=[[42]])]


class NumbersResponse(Struct, frozen=True):
    """The numbers that are in the set."""

    numbers: Annotated[list[int], Meta(description="Ascending.", examples=[[1, 2, 3]])]
    remaining_count: Annotated[int, Meta(ge=0, le=MAX_NUMBER, examples=[3])]
