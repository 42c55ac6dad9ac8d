import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
from redis.asyncio import SSLConnection

from number_api.errors import StoreUnavailableError
from number_api.numbers import valkey_store
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


@pytest.mark.parametrize("scheme", ["valkey", "valkeys", "redis", "rediss"])
async def test_the_url_says_where_valkey_is(scheme: str) -> None:
    pool = connect(f"{scheme}://user:p%40ss@valkey:6380/3").connection_pool
    wanted = {"host": "valkey", "port": 6380, "db": 3, "username": "user", "password": "p@ss"}
    assert {name: pool.connection_kwargs[name] for name in wanted} == wanted
    assert issubclass(pool.connection_class, SSLConnection) is (scheme in {"valkeys", "rediss"})


async def test_an_idempotency_key_is_forgotten_after_its_time(store: ValkeyStore, valkey: Valkey) -> None:
    await store.extract(42, "key")
    (_, forgotten_at) = valkey.run("ZRANGE", "number_api:idempotency_times", "0", "-1", "WITHSCORES")
    assert abs(float(forgotten_at) - time.time() - IDEMPOTENCY_SECONDS) < 60
    valkey.run("ZADD", "number_api:idempotency_times", "1", "key")
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
    reader = ValkeyStore(connect(valkey.url.replace("//", "//reader:any@")))
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
            store = ValkeyStore(connect(f"valkey://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
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


async def test_a_valkey_that_hangs_is_unavailable(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("number_api.valkey.TIMEOUT_SECONDS", 0.1)
    store = ValkeyStore(connect(valkey.url))
    await store.check()
    with valkey.paused(), pytest.raises(StoreUnavailableError):
        await store.check()
    await store.check()
    await store.close()


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
        losing = ValkeyStore(connect(url))
        with pytest.raises(StoreUnavailableError):
            await losing.extract(42)
        await losing.close()
    assert await store.tally() == Tally(99, 5050 - 42)


async def test_a_lost_answer_is_given_again_for_its_idempotency_key(valkey: Valkey) -> None:
    async with the_first_answer_of_a_script_gets_lost(valkey) as url:
        losing = ValkeyStore(connect(url))
        with pytest.raises(StoreUnavailableError):
            await losing.extract(42, "key")
        assert await losing.extract(42, "key") == Extraction(42, was_extracted=True, remaining_count=99)
        await losing.close()
