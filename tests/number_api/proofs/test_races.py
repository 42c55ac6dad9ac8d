"""Several processes over one Valkey: whatever they do at once, each thing happens once."""

import asyncio
import random
from collections import Counter

import httpx
import pytest

from tests.number_api.conftest import ServicesFactory
from tests.number_api.processes import Valkey

pytestmark = pytest.mark.anyio

# Enough at once that both processes are always in the middle of something.
AT_ONCE = 20


async def send_all(urls: list[str], method: str, headers: dict[str, str] | None = None) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(limits=limits, timeout=60, headers=headers) as client:
        return await asyncio.gather(*(client.request(method, url) for url in urls))


async def test_two_processes_that_race_for_the_numbers_extract_each_once(
    start_services: ServicesFactory, valkey: Valkey
) -> None:
    services = start_services(2, STORE_URL=valkey.url, RATE_LIMIT="off")
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


async def test_retries_that_reach_different_processes_extract_once(
    start_services: ServicesFactory, valkey: Valkey
) -> None:
    services = start_services(2, STORE_URL=valkey.url, RATE_LIMIT="off")
    urls = [f"{service.url}/extract/42" for service in services] * 25
    answers = await send_all(urls, "POST", {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"})
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["remaining_count"] for answer in answers} == {99}


async def test_two_processes_let_exactly_the_share_of_a_client_through(
    start_services: ServicesFactory, valkey: Valkey
) -> None:
    services = start_services(2, STORE_URL=valkey.url, RATE_LIMIT="100/hour")
    answers = await send_all([f"{service.url}/status" for service in services] * 75, "GET")
    assert Counter(answer.status_code for answer in answers) == {200: 100, 429: 50}
    shown = [answer.headers["ratelimit"] for answer in answers if answer.status_code == 200]
    assert sorted(shown) == sorted(f'"default";r={remaining}' for remaining in range(100))


async def test_the_workers_of_one_service_share_numbers_limit_and_metrics(
    start_services: ServicesFactory, valkey: Valkey
) -> None:
    (service,) = start_services(1, STORE_URL=valkey.url, RATE_LIMIT="100/hour", WORKERS="2")
    # A connection of its own for each request, so that both workers get some.
    urls = [f"{service.url}/extract/{number % 60 + 1}" for number in range(120)]
    answers = await send_all(urls, "POST", {"Connection": "close"})
    assert Counter(answer.status_code for answer in answers) == {200: 60, 409: 40, 429: 20}
    workers = {line for line in service.log().splitlines() if "Started worker" in line}
    assert len(workers) == 2
    for _ in range(5):
        metrics = httpx.get(f"{service.url}/metrics").text
        for status, count in {200: 60, 409: 40, 429: 20}.items():
            labels = f'method="POST",route="/extract/{{number}}",status="{status}"'
            assert f"number_api_request_duration_seconds_count{{{labels}}} {count}.0" in metrics
