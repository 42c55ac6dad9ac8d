import time
from ipaddress import ip_network
from typing import Any, cast

import httpx
import pytest
from limits import RateLimitItemPerHour, RateLimitItemPerSecond

from number_api.access.api_keys import ApiKey, KeyScope, digest
from number_api.app import create_app
from number_api.numbers.memory_store import CountsInMemory
from number_api.settings import Settings
from tests.number_api.conftest import ClientFactory, Clock
from tests.number_api.processes import Valkey
from tests.waiting import PATIENCE_SECONDS


def test_a_client_gets_its_share_and_no_more(start_client: ClientFactory, store_url: str | None) -> None:
    client = start_client(Settings(store_url=store_url, rate_limit=RateLimitItemPerHour(5)))
    answers = [client.get("/status") for _ in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
    for remaining, answer in zip((4, 3, 2, 1, 0), answers, strict=False):
        assert answer.headers["ratelimit-policy"] == '"default";q=5;w=3600'
        assert answer.headers["ratelimit"] == f'"default";r={remaining}'
    refused = answers[-1]
    assert refused.json()["type"] == "urn:number-api:problem:rate-limited"
    assert refused.headers["ratelimit-policy"] == '"default";q=5;w=3600'
    assert 3590 <= int(refused.headers["retry-after"]) <= 3600
    assert refused.headers["ratelimit"] == f'"default";r=0;t={refused.headers["retry-after"]}'


def test_a_new_window_begins_after_the_time_that_retry_after_tells(start_client: ClientFactory, valkey: Valkey) -> None:
    client = start_client(Settings(store_url=valkey.url, rate_limit=RateLimitItemPerSecond(1)))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (refused := client.get("/status")).status_code == 200:
        assert time.monotonic() < deadline
    assert refused.headers["retry-after"] == "1"
    time.sleep(1.01)
    assert client.get("/status").status_code == 200


def test_counts_in_memory_are_forgotten_with_their_window_and_not_before() -> None:
    clock = Clock()
    counts = CountsInMemory(clock)
    for seconds, key, answer in [
        (0, "a", (1, 60)),
        (30, "b", (1, 60)),
        (59, "a", (2, 1)),
        (60, "a", (1, 60)),
        (89, "b", (2, 1)),
        (90, "b", (1, 60)),
    ]:
        clock.seconds = seconds
        assert counts.add(key, 60) == answer
    clock.seconds = 1000
    counts.add("c", 60)
    assert counts._windows.keys() == {"c"}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_health_and_metrics_are_not_counted(start_client: ClientFactory, path: str) -> None:
    client = start_client(Settings(rate_limit=RateLimitItemPerHour(1)))
    for _ in range(3):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers
    assert client.get("/status").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/extract/0", {}, 400),
        ("GET", "/missing", {}, 409),
        ("POST", "/reset", {"Origin": "https://evil.example"}, 403),
        ("GET", "/status", {"Host": "evil.example"}, 400),
        ("GET", "/nothing", {}, 404),
        ("GET", "/docs/nothing", {}, 404),
        ("DELETE", "/reset", {}, 405),
        ("OPTIONS", "/reset", {}, 204),
        ("GET", "/", {}, 200),
        ("GET", "/docs/openapi.json", {}, 200),
        ("GET", "/docs/files/swagger-ui-bundle.js", {}, 200),
        ("HEAD", "/status", {}, 200),
    ],
)
def test_requests_of_every_kind_count(
    start_client: ClientFactory, store_url: str | None, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    client = start_client(Settings(store_url=store_url, rate_limit=RateLimitItemPerHour(2)))
    for remaining in (1, 0):
        answer = client.request(method, path, headers=headers)
        assert answer.status_code == status
        assert answer.headers["ratelimit"] == f'"default";r={remaining}'
    refused = client.request(method, path, headers=headers)
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert int(refused.headers["retry-after"]) > 3590
    assert int(refused.headers["content-length"]) < 1000


def test_a_change_beyond_the_share_is_not_made(start_client: ClientFactory, store_url: str | None) -> None:
    keys = tuple(ApiKey(name, frozenset(KeyScope), digest(name.encode())) for name in ("one", "another"))
    client = start_client(Settings(store_url=store_url, rate_limit=RateLimitItemPerHour(1), api_keys=keys))
    one, another = ({"Authorization": f"Bearer {name}"} for name in ("one", "another"))
    assert client.post("/extract/1", headers=one).status_code == 200
    for path in ("/extract/2", "/reset"):
        assert client.post(path, headers=one).status_code == 429
    assert client.get("/status", headers=another).json()["extracted_numbers"] == [1]


def test_each_key_has_a_share_of_its_own_and_guesses_use_that_of_their_address(start_client: ClientFactory) -> None:
    keys = tuple(ApiKey(name, frozenset(KeyScope), digest(name.encode())) for name in ("one", "another"))
    client = start_client(Settings(rate_limit=RateLimitItemPerHour(1), api_keys=keys))

    def statuses(secret: str) -> list[int]:
        headers = {"Authorization": f"Bearer {secret}"}
        return [client.get("/status", headers=headers).status_code for _ in range(2)]

    assert statuses("one") == [200, 429]
    assert statuses("another") == [200, 429]
    assert statuses("a guess") == [401, 429]
    assert statuses("another guess") == [429, 429]


PROXY = "10.0.0.1"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("one", "another", "same_client"),
    [
        # Each is the peer's address and its X-Forwarded-For.
        (("192.0.2.1", None), ("192.0.2.1", None), True),
        (("192.0.2.1", None), ("192.0.2.2", None), False),
        # Whoever is no trusted proxy cannot choose its address.
        (("192.0.2.1", "198.51.100.1"), ("192.0.2.1", "198.51.100.2"), True),
        ((PROXY, "198.51.100.1"), (PROXY, "198.51.100.2"), False),
        ((PROXY, "198.51.100.1"), ("198.51.100.1", None), True),
        # What stands left of the last untrusted address was written by that client.
        ((PROXY, "1.1.1.1, 198.51.100.1"), (PROXY, "2.2.2.2, 198.51.100.1"), True),
        ((PROXY, "198.51.100.1, 10.0.0.2"), (PROXY, "198.51.100.1"), True),
        # An IPv6 customer has at least 2^64 addresses.
        (("2001:db8::1", None), ("2001:db8::ffff:2", None), True),
        (("2001:db8::1", None), ("2001:db8:0:1::1", None), False),
        (("::ffff:192.0.2.1", None), ("::ffff:192.0.2.2", None), False),
        (("::ffff:192.0.2.1", None), ("192.0.2.1", None), True),
        (("2001:db8::1%eth0", None), ("2001:db8::1%eth0", None), True),
        (("", None), ("", None), True),
    ],
)
async def test_clients_without_a_key_are_told_apart_by_address(
    one: tuple[str, str | None], another: tuple[str, str | None], same_client: bool
) -> None:
    app = create_app(Settings(rate_limit=RateLimitItemPerHour(1), trusted_proxies=(ip_network("10.0.0.0/8"),)))

    async def status(peer: str, forwarded_for: str | None) -> int:
        headers = {} if forwarded_for is None else {"X-Forwarded-For": forwarded_for}
        transport = httpx.ASGITransport(cast(Any, app), client=(peer, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return (await client.get("/status", headers=headers)).status_code

    assert await status(*one) == 200
    assert await status(*another) == (429 if same_client else 200)


def test_without_the_store_of_the_counts_nothing_is_let_through(
    start_client: ClientFactory, own_valkey: Valkey
) -> None:
    client = start_client(Settings(store_url=own_valkey.url))
    assert client.get("/status").status_code == 200
    own_valkey.kill()
    refused = client.get("/status")
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:number-api:problem:store-unavailable")
    assert refused.headers["retry-after"] == "2"


def test_a_limit_can_be_off(start_client: ClientFactory) -> None:
    answer = start_client(Settings(rate_limit=None)).get("/status")
    assert "ratelimit" not in answer.headers
