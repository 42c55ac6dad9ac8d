"""What keeps the numbers and counts the requests: the interface, and what its operations tell."""

from dataclasses import dataclass
from typing import Protocol

from number_api.access.share import Share

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

    With a share, an operation first counts the request for it, in the same step. If the client has used up its share,
    the operation then raises RateLimitedError and does nothing else. Every operation raises StoreUnavailableError when
    the store cannot do its work.
    """

    async def count(self, share: Share) -> None:
        """Count a request that asks nothing of the numbers."""

    async def extract(self, number: int, idempotency_key: str | None = None, share: Share | None = None) -> Extraction:
        """Take a number out of the set.

        Args:
            number: An integer from 1 to 100.
            idempotency_key: With a key that was seen before, nothing is done and the first answer returned again:
                its number may be another one.
            share: What to count the request for.
        """

    async def tally(self, share: Share | None = None) -> Tally:
        """Return the count and the sum of the numbers in the set."""

    async def current_set(self, share: Share | None = None) -> list[int]:
        """Return the numbers that are in the set, ascending."""

    async def reset(self, share: Share | None = None) -> None:
        """Put every number back. What idempotency keys stand for stays."""

    async def check(self) -> None:
        """Return if the store can do its work."""

    async def close(self) -> None:
        """Give back what the store holds open."""
