import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import cast

import pytest
from redis.asyncio import Connection, SSLConnection

from number_api.access.share import Share
from number_api.errors import StoreUnavailableError
from number_api.numbers import valkey_store
from number_api.numbers.store import IDEMPOTENCY_SECONDS, Extraction, Tally
from number_api.numbers.valkey_store import ValkeyStore
from number_api.valkey import Script
from tests.number_api.processes import Valkey

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(valkey: Valkey) -> AsyncIterator[ValkeyStore]:
    store = ValkeyStore(valkey.url)
    yield store
    await store.close()


@pytest.mark.parametrize("scheme", ["valkey", "valkeys", "redis", "rediss"])
async def test_the_url_says_where_valkey_is(scheme: str) -> None:
    connection = cast(Connection, Script(f"{scheme}://user:p%40ss@valkey:6380/3", "")._connection)
    assert (connection.host, connection.port, connection.db) == ("valkey", 6380, 3)
    assert (connection.username, connection.password) == ("user", "p@ss")
    assert isinstance(connection, SSLConnection) is (scheme in {"valkeys", "rediss"})


async def test_an_idempotency_key_is_forgotten_after_its_time(store: ValkeyStore, valkey: Valkey) -> None:
    await store.extract(42, "key")
    (_, forgotten_at) = valkey.run("ZRANGE", "number_api:idempotency_times", "0", "-1", "WITHSCORES")
    assert abs(float(forgotten_at) - time.time() - IDEMPOTENCY_SECONDS) < 60
    # Among more of its age than one request forgets.
    valkey.run(
        "ZADD", "number_api:idempotency_times", *(text for n in range(50) for text in ("1", f"a {n}")), "1", "key"
    )
    assert await store.extract(42, "key") == Extraction(42, was_extracted=False, remaining_count=99)


async def test_no_more_than_so_many_idempotency_keys_are_remembered(
    store: ValkeyStore, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey_store, "MAX_REMEMBERED", 10)
    for number in range(30):
        await store.extract(42, f"key {number}")
    assert valkey.run("ZCARD", "number_api:idempotency_times") == 10
    assert valkey.run("HLEN", "number_api:idempotency_records") == 10


async def test_it_is_checked_whether_an_extraction_would_succeed(store: ValkeyStore, valkey: Valkey) -> None:
    await store.extract(42)
    await store.check()
    assert await store.tally() == Tally(99, 5050 - 42)
    valkey.run("CONFIG", "SET", "maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailableError):
            await store.check()
    finally:
        valkey.run("CONFIG", "SET", "maxmemory", "0")
    valkey.run("REPLICAOF", "127.0.0.1", "1")
    try:
        with pytest.raises(StoreUnavailableError):
            await store.check()
    finally:
        valkey.run("REPLICAOF", "NO", "ONE")
    valkey.run("ACL", "SETUSER", "reader", "on", "nopass", "~number_api:*", "+@read", "+@connection")
    reader = ValkeyStore(valkey.url.replace("//", "//reader:any@"))
    with pytest.raises(StoreUnavailableError):
        await reader.check()
    await reader.close()
    valkey.run("ACL", "DELUSER", "reader")


async def test_a_server_that_speaks_another_protocol_is_unavailable() -> None:
    """As a port that wants TLS, or one of another service."""
    for answer in (b"\x15\x03\x03\x00\x02\x02\x46", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfe\r\n", b""):

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes = answer) -> None:
            await reader.read(100)
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        async with server:
            store = ValkeyStore(f"valkey://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            for work in (store.check(), store.tally(), store.extract(1)):
                with pytest.raises(StoreUnavailableError):
                    await work
            await store.close()
            await store.close()
            with pytest.raises(StoreUnavailableError):
                await store.tally()


async def test_the_numbers_themselves_never_expire(store: ValkeyStore, valkey: Valkey) -> None:
    await store.extract(42)
    assert [valkey.run("TTL", key) for key in valkey.run("KEYS", "*")] == [-1]


async def test_a_valkey_that_forgot_the_script_is_told_it_again(store: ValkeyStore, valkey: Valkey) -> None:
    await store.extract(42)
    valkey.run("SCRIPT", "FLUSH")
    assert await store.extract(43) == Extraction(43, was_extracted=True, remaining_count=98)


async def test_two_stores_share_the_numbers(store: ValkeyStore, valkey: Valkey) -> None:
    another = ValkeyStore(valkey.url)
    await store.extract(42)
    assert await another.tally() == Tally(99, 5050 - 42)
    await another.close()


async def test_many_requests_at_once_share_one_connection(store: ValkeyStore, valkey: Valkey) -> None:
    await store.extract(42)
    others = valkey.run("INFO", "clients")["connected_clients"]
    assert set(await asyncio.gather(*(store.tally() for _ in range(1000)))) == {Tally(99, 5050 - 42)}
    assert valkey.run("INFO", "clients")["connected_clients"] == others


async def test_of_requests_at_once_each_gets_its_own_answer_or_failure(store: ValkeyStore, valkey: Valkey) -> None:
    """The counter of one client is no number, so every request of that client fails, and no other one."""
    valkey.run("SET", "number_api:requests:address:bad", "no number")
    calls = []
    for number in range(1, 101):
        client = "address:bad" if number % 3 == 0 else "address:good"
        share = Share(client, 1000, 60, b"", [])
        calls.append(store.extract(number, share=share))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for number, answer in enumerate(answers, 1):
        if number % 3 == 0:
            assert isinstance(answer, StoreUnavailableError)
        else:
            assert isinstance(answer, Extraction)
            assert (answer.number, answer.was_extracted) == (number, True)
    assert (await store.tally()).remaining_count == 33


async def test_a_caller_that_goes_away_takes_nobody_elses_answer(store: ValkeyStore, valkey: Valkey) -> None:
    await store.check()
    with valkey.paused():
        calls = [asyncio.create_task(store.extract(number)) for number in range(1, 31)]
        await asyncio.sleep(0)
        # Some of these have been sent, and some wait.
        calls += [asyncio.create_task(store.extract(number)) for number in range(31, 61)]
        await asyncio.sleep(0)
        for call in calls[::2]:
            call.cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for number, answer in enumerate(answers, 1):
        if number % 2:
            assert isinstance(answer, asyncio.CancelledError)
        else:
            assert isinstance(answer, Extraction)
            assert answer.number == number
    assert (await store.extract(100)).number == 100


async def test_a_connection_that_was_closed_meanwhile_is_made_anew(store: ValkeyStore, valkey: Valkey) -> None:
    await store.extract(42)
    valkey.run("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    while not await store._script._connection.can_read_destructive():  # type: ignore[no-untyped-call]
        await asyncio.sleep(0.01)
    assert await store.tally() == Tally(99, 5050 - 42)


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
        store = ValkeyStore(own_valkey.url.replace("//", f"//{login}"))
        with pytest.raises(StoreUnavailableError) as caught:
            await store.check()
        assert "wrong" not in str(caught.value)
        await store.close()
    store = ValkeyStore(own_valkey.url.replace("//", "//:right@"))
    await store.check()
    await store.close()


async def test_a_valkey_that_hangs_is_unavailable(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ValkeyStore(valkey.url)
    await store.check()
    with valkey.paused(), monkeypatch.context() as patch:
        patch.setattr("number_api.valkey.TIMEOUT_SECONDS", 0.1)
        first = asyncio.create_task(store.check())
        await asyncio.sleep(0.05)
        # This one waits for the first one to be answered, and no longer than it.
        second = asyncio.create_task(store.check())
        for call in (first, second):
            with pytest.raises(StoreUnavailableError):
                await call
    await store.check()
    await store.close()


async def test_what_valkey_confirmed_outlasts_its_kill(own_valkey: Valkey) -> None:
    store = ValkeyStore(own_valkey.url)
    await store.extract(42, "key")
    own_valkey.kill()
    with pytest.raises(StoreUnavailableError):
        await store.tally()
    own_valkey.start()
    assert await store.tally() == Tally(99, 5050 - 42)
    assert await store.extract(42, "key") == Extraction(42, was_extracted=True, remaining_count=99)
    await store.close()


@asynccontextmanager
async def the_first_answer_of_a_script_gets_lost(valkey: Valkey) -> AsyncIterator[str]:
    """Yield the URL of a way to Valkey on which the connection breaks once, before the answer of a script."""
    losses = iter([True])

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", valkey.port)
        with closing(writer), closing(inner_writer):
            while request := await reader.read(65536):
                inner_writer.write(request)
                answer = await inner_reader.read(65536)
                if b"EVALSHA" in request and b"NOSCRIPT" not in answer and next(losses, False):
                    break
                writer.write(answer)

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    async with server:
        yield f"valkey://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"


async def test_a_command_whose_answer_was_lost_is_not_done_again(store: ValkeyStore, valkey: Valkey) -> None:
    async with the_first_answer_of_a_script_gets_lost(valkey) as url:
        losing = ValkeyStore(url)
        with pytest.raises(StoreUnavailableError):
            await losing.extract(42)
        await losing.close()
    assert await store.tally() == Tally(99, 5050 - 42)


async def test_a_lost_answer_is_given_again_for_its_idempotency_key(valkey: Valkey) -> None:
    async with the_first_answer_of_a_script_gets_lost(valkey) as url:
        losing = ValkeyStore(url)
        with pytest.raises(StoreUnavailableError):
            await losing.extract(42, "key")
        assert await losing.extract(42, "key") == Extraction(42, was_extracted=True, remaining_count=99)
        await losing.close()
