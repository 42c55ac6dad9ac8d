"""The numbers in Valkey: they outlast the process, and any number of processes share them."""

from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from number_api.numbers.number_set import MAX_NUMBER, sum_up_to
from number_api.numbers.store import IDEMPOTENCY_SECONDS, MAX_REMEMBERED, Extraction, Tally
from number_api.valkey import store_errors

_NUMBERS = "number_api:numbers"
_IDEMPOTENCY_RECORDS = "number_api:idempotency_records"
_IDEMPOTENCY_TIMES = "number_api:idempotency_times"
# The script takes none out, but does all else that it does for a number.
_NO_NUMBER = 0
_WHOLE_SUM = sum_up_to(MAX_NUMBER)


class ValkeyStore:
    """A NumberStore in which every operation is one command, or one script, of Valkey."""

    def __init__(self, client: Redis) -> None:
        """Use a client, which this store closes in the end."""
        self._client = client
        self._extract = client.register_script(Path(__file__).with_name("extract.lua").read_text(encoding="utf-8"))

    async def extract(self, number: int, idempotency_key: str | None = None) -> Extraction:
        """Take a number out of the set, once for each idempotency key."""
        with store_errors():
            first_number, was_extracted, remaining_count = await self._extract(
                [_NUMBERS, _IDEMPOTENCY_RECORDS, _IDEMPOTENCY_TIMES],
                [number, MAX_NUMBER, _WHOLE_SUM, idempotency_key or "", IDEMPOTENCY_SECONDS, MAX_REMEMBERED],
            )
        return Extraction(first_number, bool(was_extracted), remaining_count)

    async def tally(self) -> Tally:
        """Return the count and the sum of the numbers in the set."""
        count, total = await self._run("HMGET", _NUMBERS, "count", "sum")
        return Tally(MAX_NUMBER if count is None else int(count), _WHOLE_SUM if total is None else int(total))

    async def current_set(self) -> list[int]:
        """Return the numbers that are in the set, ascending."""
        fields = await self._run("HKEYS", _NUMBERS)
        extracted = {int(field) for field in fields if field.isdigit()}
        return [number for number in range(1, MAX_NUMBER + 1) if number not in extracted]

    async def reset(self) -> None:
        """Put every number back."""
        await self._run("DEL", _NUMBERS)

    async def check(self) -> None:
        """Return if an extraction would succeed: Valkey answers, has room, takes writes, and grants us the rights."""
        await self.extract(_NO_NUMBER)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose(close_connection_pool=True)

    async def _run(self, *command: str) -> Any:  # noqa: ANN401 (each command answers in its own way)
        with store_errors():
            return await self._client.execute_command(*command)  # type: ignore[no-untyped-call]
