"""Several processes over one Valkey: whatever they do at once, each thing happens once."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.number_api.conftest import ServiceFactory
from tests.number_api.processes import Service, Valkey, running_services

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("valkey")]

# Enough at once that both processes are always in the middle of something.
AT_ONCE = 20


@pytest.fixture(scope="module")
def services(shared_valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Service]]:
    """Two services over a Valkey that is emptied before each test."""
    log = tmp_path_factory.mktemp("services")
    with running_services(2, log, STORE_URL=shared_valkey.url, RATE_LIMIT="250/hour") as services:
        yield services


async def send_all(urls: list[str], method: str, headers: dict[str, str] | None = None) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(limits=limits, timeout=60, headers=headers) as client:
        return await asyncio.gather(*(client.request(method, url) for url in urls))


async def test_two_processes_that_race_for_the_numbers_extract_each_once(services: list[Service]) -> None:
    urls = [f"{service.url}/extract/{number}" for number in range(1, 101) for service in services]
    random.Random(0).shuffle(urls)
    answers = await send_all(urls, "POST")
    assert Counter(answer.status_code for answer in answers) == {200: 100, 409: 100}
    extracted = [answer.json()["extracted_number"] for answer in answers if answer.status_code == 200]
    assert sorted(extracted) == list(range(1, 101))
    remaining = [answer.json()["remaining_count"] for answer in answers if answer.status_code == 200]
    assert sorted(remaining) == list(range(100))
    for service in services:
        assert httpx.get(f"{service.url}/status").json()["remaining_count"] == 0


async def test_retries_that_reach_different_processes_extract_once(services: list[Service]) -> None:
    urls = [f"{service.url}/extract/42" for service in services] * 25
    answers = await send_all(urls, "POST", {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"})
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["remaining_count"] for answer in answers} == {99}


async def test_two_processes_let_exactly_the_share_of_a_client_through(services: list[Service]) -> None:
    answers = await send_all([f"{service.url}/status" for service in services] * 150, "GET")
    assert Counter(answer.status_code for answer in answers) == {200: 250, 429: 50}
    shown = [answer.headers["ratelimit"] for answer in answers if answer.status_code == 200]
    assert sorted(shown) == sorted(f'"default";r={remaining}' for remaining in range(250))


async def test_the_workers_of_one_service_share_numbers_limit_and_metrics(
    start_service: ServiceFactory, valkey: Valkey
) -> None:
    service = start_service(STORE_URL=valkey.url, RATE_LIMIT="100/hour", WORKERS="2")
    # A connection of its own for each request, so that both workers get some.
    urls = [f"{service.url}/extract/{number % 60 + 1}" for number in range(120)]
    answers = await send_all(urls, "POST", {"Connection": "close"})
    assert Counter(answer.status_code for answer in answers) == {200: 60, 409: 40, 429: 20}
    assert service.log().count("Started worker") == 2
    for _ in range(5):
        metrics = httpx.get(f"{service.url}/metrics").text
        for status, count in {200: 60, 409: 40, 429: 20}.items():
            labels = f'method="POST",route="/extract/{{number}}",status="{status}"'
            assert f"number_api_request_duration_seconds_count{{{labels}}} {count}.0" in metrics
