import pytest

from number_api.numbers import memory_store
from number_api.numbers.memory_store import MemoryStore
from number_api.numbers.store import IDEMPOTENCY_SECONDS
from tests.number_api.conftest import Clock

pytestmark = pytest.mark.anyio


async def test_an_idempotency_key_is_forgotten_after_its_time_and_not_before() -> None:
    clock = Clock()
    store = MemoryStore(clock)
    await store.extract(42, "key")
    clock.seconds = IDEMPOTENCY_SECONDS - 1
    assert (await store.extract(42, "key")).was_extracted
    clock.seconds = IDEMPOTENCY_SECONDS
    assert not (await store.extract(42, "key")).was_extracted


async def test_idempotency_keys_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_store, "MAX_REMEMBERED", 10)
    store = MemoryStore()
    for number in range(1, 101):
        await store.extract(number, f"key {number}")
    assert len(store._remembered) == 10
    assert (await store.extract(100, "key 100")).was_extracted
    assert not (await store.extract(1, "key 1")).was_extracted
