import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import httpx
import pytest

from number_api import request_body
from number_api.app import create_app
from number_api.request_body import MAX_BODY_BYTES
from number_api.settings import Settings
from tests.number_api.conftest import ClientFactory


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_small_body_is_ignored_and_a_large_one_refused(start_client: ClientFactory, method: str) -> None:
    client = start_client()
    path = "/extract/42" if method == "POST" else "/status"
    assert client.request(method, path, content=b"x" * MAX_BODY_BYTES).status_code == 200
    refused = client.request(method, path, content=b"x" * (MAX_BODY_BYTES + 1))
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:number-api:problem:body-too-large"


def test_a_large_body_is_refused_when_its_size_is_not_announced(start_client: ClientFactory) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(MAX_BODY_BYTES + 1):
            yield b"x"

    client = start_client()
    assert client.post("/extract/42", content=chunks()).status_code == 413
    assert client.get("/status").json()["remaining_count"] == 100


@pytest.mark.anyio
async def test_a_client_that_goes_away_halfway_is_no_failure_of_the_service() -> None:
    messages: list[Any] = [{"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.disconnect"}]
    answer: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        answer.append(message)

    headers = [(b"host", b"localhost"), (b"content-length", b"10")]
    scope = {"type": "http", "method": "POST", "path": "/extract/42", "query_string": b"", "headers": headers}
    await cast(Any, create_app(Settings()))({**scope, "client": None, "asgi": {"version": "3.0"}}, receive, send)
    assert answer[0]["status"] == 400


@pytest.mark.anyio
async def test_a_body_that_does_not_arrive_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "BODY_SECONDS", 0.01)

    class Stalled(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"x"
            await asyncio.sleep(3600)

    transport = httpx.ASGITransport(cast(Any, create_app(Settings())))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        refused = await client.post("/extract/42", content=Stalled(), headers={"Content-Length": "10"})
        assert (refused.status_code, refused.json()["type"]) == (408, "urn:number-api:problem:body-incomplete")
        assert (await client.get("/status")).json()["remaining_count"] == 100
