import json
from typing import Any

import pytest

from number_api.access.api_keys import ApiKey, KeyScope, digest
from number_api.settings import Settings
from tests.number_api.conftest import Client, ClientFactory


@pytest.fixture
def client(start_client: ClientFactory) -> Client:
    return start_client()


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_every_request_is_one_line(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    answer = client.post("/extract/42")
    (line,) = lines(capfd)
    assert line.pop("time").endswith("Z")
    assert line.pop("duration_ms") > 0
    assert line == {
        "level": "info",
        "message": "request",
        "request_id": answer.headers["x-request-id"],
        "method": "POST",
        "path": "/extract/42",
        "status": 200,
        "client": "address:testclient",
    }


def test_what_the_router_refuses_is_logged_too(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.get("/nothing")
    client.delete("/missing")
    assert [(line["status"], line["path"]) for line in lines(capfd)] == [(404, "/nothing"), (405, "/missing")]


def test_the_holder_of_a_key_is_logged_by_name(start_client: ClientFactory, capfd: pytest.CaptureFixture[str]) -> None:
    key = ApiKey("ops", frozenset(KeyScope), digest(b"secret"))
    client = start_client(Settings(api_keys=(key,)))
    client.get("/status", headers={"Authorization": "Bearer secret"})
    client.get("/status", headers={"Authorization": "Bearer guess"})
    assert [line["client"] for line in lines(capfd)] == ["key:ops", "address:testclient"]


def test_a_client_cannot_forge_or_flood_the_log(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.get('/x%0a{"level":"error"}%1b[31m' + "y" * 5000)
    output = capfd.readouterr().out
    assert len(output.splitlines()) == 1
    assert "\x1b" not in output
    assert len(output) < 600
    assert json.loads(output)["level"] == "info"


def test_queries_are_not_logged(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.get("/missing?token=hunter2")
    assert "hunter2" not in capfd.readouterr().out


def test_the_id_that_a_gateway_gave_is_kept(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    answer = client.get("/missing", headers={"X-Request-ID": "gateway-0123.abc"})
    assert answer.headers["x-request-id"] == "gateway-0123.abc"
    assert lines(capfd)[0]["request_id"] == "gateway-0123.abc"


def test_an_id_that_could_garble_a_log_is_replaced(client: Client) -> None:
    bad_ids = ["short", "x" * 65, "two words here", "quote\"'here", "<script>alert</script>", ""]
    ids = {client.get("/missing", headers={"X-Request-ID": bad}).headers["x-request-id"] for bad in bad_ids}
    assert not ids.intersection(bad_ids)
    assert len(ids) == len(bad_ids)
