"""The connection to Valkey (or Redis), which keeps the numbers and counts the requests."""

import asyncio
import hashlib
import re
from collections.abc import Sequence

import redis
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError

from number_api.errors import SettingsError, StoreUnavailableError

# A healthy store answers within milliseconds; a client should learn in seconds that it does not.
TIMEOUT_SECONDS = 2.0


class Script:
    """A script in Valkey, and the one connection on which it is called.

    The calls that come while others are under way wait, and go together as soon as those are answered. So a busy
    process makes one write and one read for many requests; a connection for each request takes three times as long.

    The connection is made when it is first used, and again whenever it is lost. No call is sent twice: when an answer
    is lost the script may have run, and only the caller of the service can know whether to repeat it.
    """

    def __init__(self, url: str, text: str) -> None:
        """Prepare the calls of a script.

        Args:
            url: valkey://, valkeys:// (with TLS), redis:// or rediss://.
            text: The script, in Lua. It answers with one text.
        """
        self._text = text
        self._digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        # Time-outs of its own would be one for each step of each call; there is one for all of it here.
        pool = ConnectionPool.from_url(
            _redis_url(url), socket_timeout=None, socket_connect_timeout=None, retry=Retry(NoBackoff(), retries=0)
        )
        self._connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
        self._waiting: list[_Call] = []
        self._sender: asyncio.Task[None] | None = None
        self._is_closed = False

    async def call(self, keys: Sequence[str], arguments: Sequence[str | int]) -> bytes:
        """Run the script and return its answer.

        Raises:
            StoreUnavailableError: No answer comes in time, the connection breaks, or Valkey refuses: while it loads its
                file, follows another server, or has no room left.
        """
        call = _Call(keys, arguments)
        self._waiting.append(call)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_all())
        try:
            return await call.answer
        except (RedisError, OSError) as error:
            raise StoreUnavailableError from error

    async def close(self) -> None:
        """Close the connection."""
        self._is_closed = True
        await self._connection.disconnect()

    async def _send_all(self) -> None:
        """Send what waits, all at once, again and again until nothing waits."""
        while self._waiting:
            calls, self._waiting = [call for call in self._waiting if not call.answer.done()], []
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    await self._send(calls)
            except Exception as error:  # noqa: BLE001 (whatever it is, those who wait are told)
                # Those that have come meanwhile have not been sent. But after a time-out they have waited as well.
                if isinstance(error, TimeoutError):
                    calls, self._waiting = calls + self._waiting, []
                await self._connection.disconnect(nowait=True)
                for call in calls:
                    call.fail(error)

    async def _send(self, calls: "Sequence[_Call]") -> None:
        """Send calls and wait for their answers."""
        await self._connect()
        commands = [("EVALSHA", self._digest, len(call.keys), *call.keys, *call.arguments) for call in calls]
        await self._connection.send_packed_command(self._connection.pack_commands(commands))
        unknown = []
        for call in calls:
            try:
                call.succeed(await self._connection.read_response(disable_decoding=True))
            except NoScriptError:
                unknown.append(call)
            except ResponseError as error:
                call.fail(error)
        if unknown:
            await self._connection.send_command("SCRIPT", "LOAD", self._text)
            await self._connection.read_response()
            await self._send(unknown)

    async def _connect(self) -> None:
        """Connect, unless there is a connection on which nobody has hung up meanwhile."""
        if self._is_closed:
            raise RedisConnectionError
        await self._connection.connect()  # type: ignore[no-untyped-call]
        if await self._connection.can_read_destructive():  # type: ignore[no-untyped-call]
            await self._connection.disconnect()
            await self._connection.connect()  # type: ignore[no-untyped-call]


class _Call:
    """One call of the script, and its answer to come."""

    __slots__ = ("answer", "arguments", "keys")

    def __init__(self, keys: Sequence[str], arguments: Sequence[str | int]) -> None:
        self.keys = keys
        self.arguments = arguments
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    # The caller may have gone away, by then.

    def succeed(self, answer: bytes) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


def refuse_cluster(url: str) -> None:
    """Refuse a Valkey that is one of a cluster: the numbers and a client's requests would lie on different servers.

    One that does not answer is not refused; readiness will tell when it does.

    Raises:
        SettingsError: It is.
    """
    client = redis.Redis.from_url(
        _redis_url(url), socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, decode_responses=True
    )
    try:
        with client:
            greeting = client.execute_command("HELLO")  # type: ignore[no-untyped-call]
    except (RedisError, OSError):
        return
    if greeting[greeting.index("mode") + 1] == "cluster":
        raise SettingsError("NUMBER_API_STORE_URL: this Valkey belongs to a cluster; use a standalone one")


def _redis_url(url: str) -> str:
    # The client library knows the scheme by its older name alone.
    return re.sub("^valkey", "redis", url)
