"""What the endpoints answer."""

import msgspec


class ExtractResponse(msgspec.Struct, frozen=True):
    """A number was extracted."""

    success: bool
    message: str
    extracted_number: int
    remaining_count: int


class MissingNumberResponse(msgspec.Struct, frozen=True):
    """The one missing number."""

    missing_number: int
    calculation_method: str
    execution_time_ms: float


class ResetResponse(msgspec.Struct, frozen=True):
    """Every number is back."""

    success: bool
    message: str
    remaining_count: int
