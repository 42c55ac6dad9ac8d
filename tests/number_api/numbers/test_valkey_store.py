import asyncio
from collections.abc import AsyncIterator

import pytest

from number_api.errors import StoreUnavailableError
from number_api.numbers.store import IDEMPOTENCY_SECONDS, Extraction, Tally
from number_api.numbers.valkey_store import ValkeyStore
from number_api.valkey import MAX_CONNECTIONS, connect
from tests.number_api.processes import Valkey

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(valkey: Valkey) -> AsyncIterator[ValkeyStore]:
    store = ValkeyStore(connect(valkey.url))
    yield store
    await store.close()


async def test_an_idempotency_key_is_forgotten_after_its_time(store: ValkeyStore, valkey: Valkey) -> None:
    await store.extract(42, "key")
    (record,) = valkey.run("KEYS", "number_api:idempotency_key:*")
    assert IDEMPOTENCY_SECONDS - 60 < valkey.run("TTL", record) <= IDEMPOTENCY_SECONDS


async def test_the_numbers_themselves_never_expire(store: ValkeyStore, valkey: Valkey) -> None:
    await store.extract(42)
    assert [valkey.run("TTL", key) for key in valkey.run("KEYS", "*")] == [-1]


async def test_a_valkey_that_forgot_the_script_is_told_it_again(store: ValkeyStore, valkey: Valkey) -> None:
    await store.extract(42)
    valkey.run("SCRIPT", "FLUSH")
    assert await store.extract(43) == Extraction(43, was_extracted=True, remaining_count=98)


async def test_two_stores_share_the_numbers(store: ValkeyStore, valkey: Valkey) -> None:
    another = ValkeyStore(connect(valkey.url))
    await store.extract(42)
    assert await another.tally() == Tally(99, 5050 - 42)
    await another.close()


async def test_more_requests_than_connections_wait_their_turn(store: ValkeyStore, valkey: Valkey) -> None:
    await asyncio.gather(*(store.tally() for _ in range(MAX_CONNECTIONS * 10)))
    assert valkey.run("INFO", "clients")["connected_clients"] <= MAX_CONNECTIONS + 1


async def test_a_valkey_that_cannot_write_is_unavailable(store: ValkeyStore, valkey: Valkey) -> None:
    valkey.run("REPLICAOF", "127.0.0.1", "1")
    try:
        with pytest.raises(StoreUnavailableError):
            await store.extract(42)
    finally:
        valkey.run("REPLICAOF", "NO", "ONE")
    await store.extract(42)


async def test_a_valkey_that_wants_another_password_is_unavailable_and_the_error_tells_none(own_valkey: Valkey) -> None:
    own_valkey.run("CONFIG", "SET", "requirepass", "right")
    for login in (":wrong@", ""):
        store = ValkeyStore(connect(own_valkey.url.replace("//", f"//{login}")))
        with pytest.raises(StoreUnavailableError) as caught:
            await store.check()
        assert "wrong" not in str(caught.value)
        await store.close()
    store = ValkeyStore(connect(own_valkey.url.replace("//", "//:right@")))
    await store.check()
    await store.close()


async def test_a_valkey_that_hangs_is_unavailable(store: ValkeyStore, valkey: Valkey) -> None:
    await store.check()
    with valkey.paused(), pytest.raises(StoreUnavailableError):
        await store.check()
    await store.check()


async def test_what_valkey_confirmed_outlasts_its_kill(own_valkey: Valkey) -> None:
    store = ValkeyStore(connect(own_valkey.url))
    await store.extract(42, "key")
    own_valkey.kill()
    with pytest.raises(StoreUnavailableError):
        await store.tally()
    own_valkey.start()
    assert await store.tally() == Tally(99, 5050 - 42)
    assert await store.extract(42, "key") == Extraction(42, was_extracted=True, remaining_count=99)
    await store.close()


async def test_an_answer_that_was_lost_does_not_make_the_store_do_the_command_again(
    store: ValkeyStore, valkey: Valkey
) -> None:
    await store.check()
    before = valkey.run("INFO", "commandstats").get("cmdstat_evalsha", {}).get("calls", 0)
    with valkey.paused(), pytest.raises(StoreUnavailableError):
        await store.extract(42)
    await store.check()
    assert valkey.run("INFO", "commandstats")["cmdstat_evalsha"]["calls"] == before + 1
