import pytest

from number_api.settings import Settings
from tests.number_api.conftest import ClientFactory
from tests.number_api.processes import Valkey


def test_a_working_instance_is_alive_and_ready(start_client: ClientFactory, store_url: str | None) -> None:
    client = start_client(Settings(store_url=store_url))
    assert (client.get("/health/live").status_code, client.get("/health/live").json()) == (200, {"status": "alive"})
    assert (client.get("/health/ready").status_code, client.get("/health/ready").json()) == (200, {"status": "ready"})


def test_without_its_store_an_instance_is_alive_and_not_ready(
    start_client: ClientFactory, own_valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    client = start_client(Settings(store_url=own_valkey.url))
    own_valkey.kill()
    for method, path in [("GET", "/health/ready"), ("GET", "/missing"), ("POST", "/extract/42"), ("POST", "/reset")]:
        answer = client.request(method, path)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:number-api:problem:store-unavailable")
        assert answer.headers["retry-after"] == "2"
        assert str(own_valkey.port) not in answer.text
    assert client.get("/health/live").status_code == 200
    assert client.get("/metrics").status_code == 200
    assert {record.getMessage() for record in caplog.records} == {"the store does not answer"}
    own_valkey.start()
    assert client.get("/health/ready").status_code == 200
    assert client.post("/extract/42").status_code == 200


def test_an_instance_that_is_about_to_stop_is_not_ready_and_still_serves(start_client: ClientFactory) -> None:
    client = start_client(is_draining=lambda: True)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:number-api:problem:shutting-down")
    assert client.get("/health/live").status_code == 200
    assert client.post("/extract/42").status_code == 200
