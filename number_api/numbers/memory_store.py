"""The numbers in the memory of one process: they last as long as it does."""

import time
from collections.abc import Callable

from number_api.numbers.number_set import NumberSet
from number_api.numbers.store import IDEMPOTENCY_SECONDS, MAX_REMEMBERED, Extraction, Tally


class MemoryStore:
    """A NumberStore for a single process.

    No operation awaits anything, so none is interrupted by another one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with the whole set.

        Args:
            clock: Tells the time in seconds.
        """
        self._numbers = NumberSet()
        self._clock = clock
        # Oldest first, as a dict keeps its order.
        self._remembered: dict[str, tuple[float, Extraction]] = {}

    async def extract(self, number: int, idempotency_key: str | None = None) -> Extraction:
        """Take a number out of the set, once for each idempotency key."""
        self._forget()
        if idempotency_key in self._remembered:
            return self._remembered[idempotency_key][1]
        was_extracted = self._numbers.extract(number)
        extraction = Extraction(number, was_extracted, self._numbers.remaining_count)
        if idempotency_key is not None:
            self._remembered[idempotency_key] = (self._clock() + IDEMPOTENCY_SECONDS, extraction)
        return extraction

    async def tally(self) -> Tally:
        """Return the count and the sum of the numbers in the set."""
        return Tally(self._numbers.remaining_count, self._numbers.remaining_sum)

    async def current_set(self) -> list[int]:
        """Return the numbers that are in the set, ascending."""
        return self._numbers.get_current_set()

    async def reset(self) -> None:
        """Put every number back."""
        self._numbers.reset()

    async def check(self) -> None:
        """Memory is always there."""

    async def close(self) -> None:
        """Memory needs no closing."""

    def _forget(self) -> None:
        now = self._clock()
        while self._remembered:
            oldest = next(iter(self._remembered))
            if self._remembered[oldest][0] > now and len(self._remembered) < MAX_REMEMBERED:
                break
            del self._remembered[oldest]
