"""What keeps the numbers: the interface, and what its operations tell."""

from dataclasses import dataclass
from typing import Protocol

# How long an idempotency key is remembered, in seconds: far longer than a client retries.
IDEMPOTENCY_SECONDS = 60 * 60

# How many are remembered at most, whatever clients send: some 20 MB. Beyond that the oldest are forgotten first.
MAX_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one request to extract a number did.

    Attributes:
        number: The number it asked for.
        was_extracted: Whether the number was in the set until then.
        remaining_count: How many numbers were left afterwards.
    """

    number: int
    was_extracted: bool
    remaining_count: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many numbers are left, and their sum: all that the formula needs."""

    remaining_count: int
    remaining_sum: int


class NumberStore(Protocol):
    """Keeps one set of the first 100 numbers; each operation happens at once or not at all.

    Every operation raises StoreUnavailableError when the store cannot do its work.
    """

    async def extract(self, number: int, idempotency_key: str | None = None) -> Extraction:
        """Take a number out of the set.

        Args:
            number: An integer from 1 to 100.
            idempotency_key: With a key that was seen before, nothing is done and the first answer returned again:
                its number may be another one.
        """

    async def tally(self) -> Tally:
        """Return the count and the sum of the numbers in the set."""

    async def current_set(self) -> list[int]:
        """Return the numbers that are in the set, ascending."""

    async def reset(self) -> None:
        """Put every number back. What idempotency keys stand for stays."""

    async def check(self) -> None:
        """Return if the store can do its work."""

    async def close(self) -> None:
        """Give back what the store holds open."""
