"""What kill -9 does to the service and to Valkey."""

import httpx

from tests.number_api.conftest import ServiceFactory
from tests.number_api.processes import Valkey, free_port, wait_until


def test_the_numbers_outlast_a_kill_of_the_service(start_service: ServiceFactory, valkey: Valkey) -> None:
    service = start_service(STORE_URL=valkey.url)
    first = httpx.post(f"{service.url}/extract/42", headers={"Idempotency-Key": "one"})
    service.kill()
    service.start()
    assert httpx.get(f"{service.url}/missing").json()["missing_number"] == 42
    retry = httpx.post(f"{service.url}/extract/42", headers={"Idempotency-Key": "one"})
    assert (retry.status_code, retry.json()) == (200, first.json())


def test_the_service_outlasts_a_kill_of_valkey_which_loses_nothing(
    start_service: ServiceFactory, own_valkey: Valkey
) -> None:
    service = start_service(STORE_URL=own_valkey.url)

    def status(path: str) -> int:
        return httpx.get(f"{service.url}{path}").status_code

    httpx.post(f"{service.url}/extract/42").raise_for_status()
    own_valkey.kill()
    unavailable = httpx.post(f"{service.url}/extract/43")
    assert unavailable.status_code == 503
    assert int(unavailable.headers["retry-after"]) > 0
    assert unavailable.json()["type"] == "urn:number-api:problem:store-unavailable"
    assert (status("/health/ready"), status("/health/live"), status("/metrics")) == (503, 200, 200)
    own_valkey.start()
    wait_until(lambda: status("/health/ready") == 200, "the service to be ready again")
    assert httpx.get(f"{service.url}/missing").json()["missing_number"] == 42


def test_a_service_starts_without_its_store_and_tells_no_password(start_service: ServiceFactory) -> None:
    service = start_service(STORE_URL=f"valkey://user:hunter2@127.0.0.1:{free_port()}/0")
    assert httpx.get(f"{service.url}/health/ready").status_code == 503
    assert "hunter2" not in httpx.get(f"{service.url}/missing").text
    assert "the store does not answer" in service.log()
    assert "hunter2" not in service.log()


def test_without_a_store_the_numbers_last_as_long_as_the_process(start_service: ServiceFactory) -> None:
    service = start_service()
    httpx.post(f"{service.url}/extract/42").raise_for_status()
    service.kill()
    service.start()
    assert httpx.get(f"{service.url}/status").json()["remaining_count"] == 100
