"""The numbers in the memory of one process: they last as long as it does."""

import time
from collections.abc import Callable

from number_api.access.share import Share
from number_api.numbers.number_set import NumberSet
from number_api.numbers.store import IDEMPOTENCY_SECONDS, MAX_REMEMBERED, Extraction, Tally


class CountsInMemory:
    """Counts for a single process.

    `limits` has such counts too, but forgets old ones in a new thread or task at almost every request, which takes a
    fifth of the throughput.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start from zero, with a clock that tells the time in seconds."""
        self._clock = clock
        # The end of each key's window and its count. All windows are as long, so the first is the first to end.
        self._windows: dict[str, tuple[float, int]] = {}

    def add(self, key: str, window: int) -> tuple[int, float]:
        """Count one more in the key's window of so many seconds.

        Returns:
            How many that are, and how many seconds the window goes on.
        """
        now = self._clock()
        while self._windows and next(iter(self._windows.values()))[0] <= now:
            del self._windows[next(iter(self._windows))]
        end, count = self._windows.get(key, (now + window, 0))
        self._windows[key] = (end, count + 1)
        return count + 1, end - now


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
        self._counts = CountsInMemory(clock)
        # Oldest first, as a dict keeps its order.
        self._remembered: dict[str, tuple[float, Extraction]] = {}

    async def count(self, share: Share) -> None:
        """Count a request that asks nothing of the numbers."""
        self._count(share)

    async def extract(self, number: int, idempotency_key: str | None = None, share: Share | None = None) -> Extraction:
        """Take a number out of the set, once for each idempotency key."""
        self._count(share)
        self._forget()
        if idempotency_key in self._remembered:
            return self._remembered[idempotency_key][1]
        was_extracted = self._numbers.extract(number)
        extraction = Extraction(number, was_extracted, self._numbers.remaining_count)
        if idempotency_key is not None:
            self._remembered[idempotency_key] = (self._clock() + IDEMPOTENCY_SECONDS, extraction)
        return extraction

    async def tally(self, share: Share | None = None) -> Tally:
        """Return the count and the sum of the numbers in the set."""
        self._count(share)
        return Tally(self._numbers.remaining_count, self._numbers.remaining_sum)

    async def current_set(self, share: Share | None = None) -> list[int]:
        """Return the numbers that are in the set, ascending."""
        self._count(share)
        return self._numbers.get_current_set()

    async def reset(self, share: Share | None = None) -> None:
        """Put every number back."""
        self._count(share)
        self._numbers.reset()

    async def check(self) -> None:
        """Memory is always there."""

    async def close(self) -> None:
        """Memory needs no closing."""

    def _count(self, share: Share | None) -> None:
        if share is not None:
            share.is_taken = True
            share.settle(*self._counts.add(share.client, share.window))

    def _forget(self) -> None:
        now = self._clock()
        while self._remembered:
            oldest = next(iter(self._remembered))
            if self._remembered[oldest][0] > now and len(self._remembered) < MAX_REMEMBERED:
                break
            del self._remembered[oldest]
