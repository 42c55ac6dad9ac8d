"""The numbers in Valkey: they outlast the process, and any number of processes share them."""

from pathlib import Path

from number_api.access.share import Share
from number_api.numbers.number_set import MAX_NUMBER, sum_up_to
from number_api.numbers.store import IDEMPOTENCY_SECONDS, MAX_REMEMBERED, Extraction, Tally
from number_api.valkey import Script

_KEYS = ("number_api:numbers", "number_api:idempotency_records", "number_api:idempotency_times")
_REQUESTS = "number_api:requests:"
# The script takes none out, but does all else that it does for a number.
_NO_NUMBER = 0
_WHOLE_SUM = sum_up_to(MAX_NUMBER)


class ValkeyStore:
    """A NumberStore in which every operation is one call of one script in Valkey."""

    def __init__(self, url: str) -> None:
        """Keep the numbers in the Valkey at a URL, to which the first operation connects."""
        self._script = Script(url, Path(__file__).with_name("serve.lua").read_text(encoding="utf-8"))

    async def count(self, share: Share) -> None:
        """Count a request that asks nothing of the numbers."""
        await self._run(share, "count")

    async def extract(self, number: int, idempotency_key: str | None = None, share: Share | None = None) -> Extraction:
        """Take a number out of the set, once for each idempotency key."""
        of_key = (idempotency_key or "", IDEMPOTENCY_SECONDS, MAX_REMEMBERED)
        answer = await self._run(share, "extract", number, MAX_NUMBER, _WHOLE_SUM, *of_key)
        first_number, was_extracted, remaining_count = map(int, answer)
        return Extraction(first_number, bool(was_extracted), remaining_count)

    async def tally(self, share: Share | None = None) -> Tally:
        """Return the count and the sum of the numbers in the set."""
        answer = await self._run(share, "tally")
        return Tally(*map(int, answer)) if answer else Tally(MAX_NUMBER, _WHOLE_SUM)

    async def current_set(self, share: Share | None = None) -> list[int]:
        """Return the numbers that are in the set, ascending."""
        extracted = {int(field) for field in await self._run(share, "list") if field.isdigit()}
        return [number for number in range(1, MAX_NUMBER + 1) if number not in extracted]

    async def reset(self, share: Share | None = None) -> None:
        """Put every number back."""
        await self._run(share, "reset")

    async def check(self) -> None:
        """Return if an extraction would succeed: Valkey answers, has room, takes writes, and grants us the rights."""
        await self.extract(_NO_NUMBER)

    async def close(self) -> None:
        """Close the connection."""
        await self._script.close()

    async def _run(self, share: Share | None, operation: str, *arguments: str | int) -> list[bytes]:
        """Run the script; what it returns depends on the operation."""
        if share is None:
            _, _, *answer = (await self._script.call(_KEYS, (operation, 0, 0, *arguments))).split()
            return answer
        # Also where no answer comes: to ask again would let the client wait twice as long.
        share.is_taken = True
        keys = (*_KEYS, _REQUESTS + share.client)
        limited = (operation, share.amount, share.window, *arguments)
        count, milliseconds_left, *answer = (await self._script.call(keys, limited)).split()
        share.settle(int(count), int(milliseconds_left) / 1000)
        return answer
