from typing import Any, cast
from urllib.parse import quote

import httpx
import pytest

from number_api.app import create_app
from number_api.settings import Settings
from tests.number_api.conftest import Client, ClientFactory
from tests.number_api.numbers.not_numbers import NOT_NUMBERS
from tests.number_api.processes import Valkey


def test_the_missing_number_is_found_when_exactly_one_is_out(client: Client) -> None:
    none_missing = client.get("/missing")
    assert none_missing.status_code == 409
    assert none_missing.json()["type"] == "urn:number-api:problem:no-number-missing"
    assert none_missing.json()["extracted_count"] == 0

    extracted = client.post("/extract/42")
    assert extracted.status_code == 200
    assert extracted.json() == {
        "success": True,
        "message": "Extracted 42",
        "extracted_number": 42,
        "remaining_count": 99,
    }

    found = client.get("/missing")
    assert found.status_code == 200
    assert found.json().keys() == {"missing_number", "calculation_method", "execution_time_ms"}
    assert found.json()["missing_number"] == 42

    client.post("/extract/7")
    several_missing = client.get("/missing")
    assert several_missing.status_code == 409
    assert several_missing.json()["type"] == "urn:number-api:problem:several-numbers-missing"
    assert several_missing.json()["extracted_count"] == 2


def test_the_missing_number_is_computed_and_not_repeated(start_client: ClientFactory, valkey: Valkey) -> None:
    client = start_client(Settings(store_url=valkey.url, rate_limit=None))
    client.post("/extract/42")
    valkey.run("HINCRBY", "number_api:numbers", "sum", "-1")
    assert client.get("/missing").json()["missing_number"] == 43


def test_a_number_that_is_out_cannot_be_extracted(client: Client) -> None:
    client.post("/extract/42")
    again = client.post("/extract/42")
    assert again.status_code == 409
    assert again.json() == {
        "type": "urn:number-api:problem:number-already-extracted",
        "title": "Number already extracted",
        "status": 409,
        "detail": "42 is already extracted",
    }
    assert client.get("/status").json()["remaining_count"] == 99


def test_a_reset_puts_every_number_back(client: Client) -> None:
    client.post("/extract/42")
    reset = client.post("/reset")
    assert (reset.status_code, reset.json()) == (
        200,
        {"success": True, "message": "Every number is back", "remaining_count": 100},
    )
    assert client.post("/extract/42").status_code == 200


def test_the_status_counts_what_is_left_and_lists_what_is_out(client: Client) -> None:
    for number in (100, 1, 42):
        client.post(f"/extract/{number}")
    assert client.get("/status").json() == {
        "max_number": 100,
        "remaining_count": 97,
        "extracted_count": 3,
        "extracted_numbers": [1, 42, 100],
    }
    remaining = [number for number in range(1, 101) if number not in {1, 42, 100}]
    assert client.get("/numbers").json() == {"numbers": remaining, "remaining_count": 97}


def test_all_hundred_numbers_can_be_extracted(client: Client) -> None:
    for count, number in enumerate(range(1, 101), 1):
        assert client.post(f"/extract/{number}").json()["remaining_count"] == 100 - count
    assert client.get("/numbers").json() == {"numbers": [], "remaining_count": 0}
    assert client.get("/missing").json()["extracted_count"] == 100


def test_what_is_no_number_is_refused_and_not_repeated(start_client: ClientFactory) -> None:
    client = start_client()
    for text in NOT_NUMBERS:
        if text.strip():
            refused = client.post(f"/extract/{quote(text)}")
            assert refused.status_code == 400
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json() == {
                "type": "urn:number-api:problem:invalid-number",
                "title": "Invalid number",
                "status": 400,
                "detail": "The number must be an integer from 1 to 100",
            }
    assert client.get("/status").json()["remaining_count"] == 100


def test_head_answers_as_get_does_without_the_body(start_client: ClientFactory) -> None:
    client = start_client()
    client.post("/extract/42")
    paths = ["/missing", "/status", "/numbers", "/health/live", "/health/ready", "/metrics"]
    for path in [*paths, "/docs", "/docs/openapi.json", "/docs/files/page.js"]:
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == get.headers["content-type"]
        if path not in {"/missing", "/metrics"}:
            assert head.headers["content-length"] == get.headers["content-length"]
    assert client.head("/nothing").status_code == 404
    assert client.head("/extract/43").status_code == 405
    assert client.get("/status").json()["extracted_numbers"] == [42]


def test_options_tells_the_methods_and_does_nothing(start_client: ClientFactory) -> None:
    client = start_client()
    allowed = {"/missing": "GET, HEAD, OPTIONS", "/extract/42": "OPTIONS, POST", "/docs": "GET, HEAD, OPTIONS"}
    for path, methods in allowed.items():
        options = client.options(path)
        assert (options.status_code, options.headers["allow"]) == (204, methods)
    assert client.get("/status").json()["remaining_count"] == 100


def test_a_retry_with_the_same_idempotency_key_gets_the_first_answer(client: Client) -> None:
    first = client.post("/extract/42", headers={"Idempotency-Key": "one"})
    client.post("/extract/43")
    retry = client.post("/extract/42", headers={"Idempotency-Key": "one"})
    assert (retry.status_code, retry.json()) == (first.status_code, first.json())
    assert retry.json()["remaining_count"] == 99
    assert client.get("/status").json()["remaining_count"] == 98


def test_a_retry_of_a_refusal_is_refused_again(client: Client) -> None:
    client.post("/extract/42")
    refused = client.post("/extract/42", headers={"Idempotency-Key": "one"})
    client.post("/reset")
    retry = client.post("/extract/42", headers={"Idempotency-Key": "one"})
    assert retry.status_code == 409
    assert retry.json() == refused.json()


def test_an_idempotency_key_cannot_stand_for_another_number(client: Client) -> None:
    client.post("/extract/42", headers={"Idempotency-Key": "one"})
    other = client.post("/extract/43", headers={"Idempotency-Key": "one"})
    assert (other.status_code, other.json()["type"]) == (422, "urn:number-api:problem:idempotency-key-reused")
    assert client.get("/status").json()["extracted_numbers"] == [42]


@pytest.mark.anyio
async def test_without_api_keys_each_address_has_idempotency_keys_of_its_own(store_url: str | None) -> None:
    app = create_app(Settings(store_url=store_url))

    async def extract(address: str, number: int) -> int:
        transport = httpx.ASGITransport(cast(Any, app), client=(address, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return (await client.post(f"/extract/{number}", headers={"Idempotency-Key": "one"})).status_code

    async with app.lifespan():
        assert [await extract("192.0.2.1", 42), await extract("192.0.2.1", 42)] == [200, 200]
        assert [await extract("192.0.2.2", 42), await extract("192.0.2.3", 43)] == [409, 200]
        assert await extract("192.0.2.1", 43) == 422


def test_a_malformed_idempotency_key_is_refused_and_not_repeated(start_client: ClientFactory) -> None:
    client = start_client()
    for key in (b"", b" ", b"x" * 256, b"two words", b"tab\tbed", b"\xe9"):
        refused = client.post("/extract/42", headers={b"Idempotency-Key": key})
        assert refused.status_code == 400
        assert refused.json()["type"] == "urn:number-api:problem:invalid-idempotency-key"
        assert refused.json()["detail"].startswith("An Idempotency-Key is 1 to 255 visible ASCII characters")
    assert client.get("/status").json()["remaining_count"] == 100
