"""Every error that number_api raises on purpose.

NumberApiError
├── InvalidNumberError           not an integer of the set's range (also a ValueError)
├── NoNumberMissingError         the sum formula has nothing to find
└── SeveralNumbersMissingError   the sum formula cannot tell several numbers apart

No message repeats what a client sent: it may be a secret, or 5,000 digits long.
"""


class NumberApiError(Exception):
    """Base of all errors of this package; its text may be shown to a client."""


class InvalidNumberError(NumberApiError, ValueError):
    """The value is not an integer that the set could hold."""


class NoNumberMissingError(NumberApiError):
    """The set is whole, so no number is missing."""


class SeveralNumbersMissingError(NumberApiError):
    """More than one number is out, and a sum cannot tell which.

    Attributes:
        extracted_count: How many numbers are out.
    """

    def __init__(self, extracted_count: int) -> None:
        """Store how many numbers are out."""
        super().__init__(
            f"{extracted_count} numbers are missing; the sum formula finds a number only when it is the one"
        )
        self.extracted_count = extracted_count
