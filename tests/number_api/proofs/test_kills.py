"""What kill -9 does to the service and to Valkey."""

import httpx

from tests.number_api.conftest import ServiceFactory
from tests.number_api.processes import Valkey
from tests.waiting import wait_until


def test_the_numbers_outlast_a_kill_of_the_service(start_service: ServiceFactory, valkey: Valkey) -> None:
    service = start_service(STORE_URL=valkey.url)
    first = httpx.post(f"{service.url}/extract/42", headers={"Idempotency-Key": "one"})
    service.kill()
    service.start()
    assert httpx.get(f"{service.url}/missing").json()["missing_number"] == 42
    retry = httpx.post(f"{service.url}/extract/42", headers={"Idempotency-Key": "one"})
    assert (retry.status_code, retry.json()) == (200, first.json())


def test_the_service_outlasts_every_absence_of_valkey_which_loses_nothing(
    start_service: ServiceFactory, own_valkey: Valkey
) -> None:
    own_valkey.kill()
    # Valkey takes any password of a user that needs none.
    service = start_service(STORE_URL=own_valkey.url.replace("//", "//default:hunter2@"))

    def status(path: str) -> int:
        return httpx.get(f"{service.url}{path}").status_code

    def become_ready() -> None:
        own_valkey.start()
        wait_until(lambda: status("/health/ready") == 200, "the service to be ready")

    assert (status("/health/ready"), status("/health/live"), status("/metrics")) == (503, 200, 200)
    become_ready()
    httpx.post(f"{service.url}/extract/42").raise_for_status()
    own_valkey.kill()
    unavailable = httpx.post(f"{service.url}/extract/43")
    assert unavailable.status_code == 503
    assert int(unavailable.headers["retry-after"]) > 0
    assert unavailable.json()["type"] == "urn:number-api:problem:store-unavailable"
    assert (status("/health/ready"), status("/health/live"), status("/metrics")) == (503, 200, 200)
    become_ready()
    assert httpx.get(f"{service.url}/missing").json()["missing_number"] == 42
    assert "the store does not answer" in service.log()
    assert "hunter2" not in unavailable.text + service.log()
