"""The set of the first natural numbers, and the formula that finds the missing one."""

import re

from number_api.errors import InvalidNumberError, NoNumberMissingError, SeveralNumbersMissingError

MAX_NUMBER = 100

# ASCII digits alone: int() would also take "+8", "1_0", " 7" and the digits of every other script.
_DECIMAL_NUMBER = re.compile("[1-9][0-9]{0,2}")


def parse_number(text: str) -> int:
    """Read a number from 1 to 100 as people write it.

    Raises:
        InvalidNumberError: The text is anything else, such as "0", "007", "+8", "5.0" or 5,000 digits.
    """
    number = int(text) if _DECIMAL_NUMBER.fullmatch(text) else 0
    if not 1 <= number <= MAX_NUMBER:
        raise _not_a_number_of_the_set(MAX_NUMBER)
    return number


def sum_up_to(max_number: int) -> int:
    """Return 1 + 2 + … + max_number, by Gauss's n(n+1)/2."""
    return max_number * (max_number + 1) // 2


def missing_number(remaining_count: int, remaining_sum: int, max_number: int = MAX_NUMBER) -> int:
    """Compute the one missing number from what is left: what the sum should be, less what it is.

    Args:
        remaining_count: How many numbers are left.
        remaining_sum: The sum of the numbers that are left.
        max_number: The largest number of the whole set.

    Raises:
        NoNumberMissingError: No number is missing.
        SeveralNumbersMissingError: More than one is missing.
    """
    extracted_count = max_number - remaining_count
    if extracted_count == 0:
        raise NoNumberMissingError
    if extracted_count > 1:
        raise SeveralNumbersMissingError(extracted_count)
    return sum_up_to(max_number) - remaining_sum


class NumberSet:
    """The numbers 1 to max_number, from which numbers can be extracted.

    The set keeps its count and its sum, so extracting a number and finding the missing one take the same time
    however large the set is. Not for use from several threads at once.
    """

    def __init__(self, max_number: int = MAX_NUMBER) -> None:
        """Start with every number from 1 to max_number.

        Raises:
            InvalidNumberError: max_number is not an integer of at least 1.
        """
        if not _is_integer(max_number) or max_number < 1:
            raise InvalidNumberError("The largest number of a set must be an integer of at least 1")
        self.max_number = max_number
        self.reset()

    @property
    def remaining_count(self) -> int:
        """How many numbers are in the set."""
        return self._remaining_count

    @property
    def remaining_sum(self) -> int:
        """The sum of the numbers in the set."""
        return self._remaining_sum

    def extract(self, number: int) -> bool:
        """Take a number out of the set.

        Returns:
            True if the number was in the set; False if it was already out, and nothing changed.

        Raises:
            InvalidNumberError: Not an integer from 1 to max_number. True and 5.0 are not integers here.
        """
        if not _is_integer(number) or not 1 <= number <= self.max_number:
            raise _not_a_number_of_the_set(self.max_number)
        if not self._present[number]:
            return False
        self._present[number] = False
        self._remaining_count -= 1
        self._remaining_sum -= number
        return True

    def find_missing_number(self) -> int:
        """Compute which number is missing.

        Raises:
            NoNumberMissingError: No number is missing.
            SeveralNumbersMissingError: More than one is missing.
        """
        return missing_number(self._remaining_count, self._remaining_sum, self.max_number)

    def get_current_set(self) -> list[int]:
        """Return the numbers that are in the set, ascending."""
        return [number for number in range(1, self.max_number + 1) if self._present[number]]

    def reset(self) -> None:
        """Put every number back."""
        self._present = bytearray(b"\1") * (self.max_number + 1)
        self._remaining_count = self.max_number
        self._remaining_sum = sum_up_to(self.max_number)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _not_a_number_of_the_set(max_number: int) -> InvalidNumberError:
    return InvalidNumberError(f"The number must be an integer from 1 to {max_number}")
