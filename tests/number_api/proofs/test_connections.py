"""What the server itself does, before the application sees a request."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.number_api.conftest import ServiceFactory
from tests.number_api.processes import Service, running_services
from tests.waiting import PATIENCE_SECONDS


def exchange(service: Service, request: bytes) -> bytes:
    """Send bytes and return all that comes back until the service closes the connection."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that other machines can reach."""
    with running_services(1, tmp_path_factory.mktemp("service"), HOST="0.0.0.0") as (service,):
        yield service


def test_what_is_not_http_is_refused_without_a_word_and_harms_nobody(service: Service) -> None:
    fields = b"".join(b"X-%d: x\r\n" % number for number in range(500))
    for request, status in [
        (b"hunter2\r\n\r\n", b"400"),
        (b"GET /status HTTP/1.1\r\nno field\r\n\r\n", b"400"),
        (b"GET /status HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", b"400"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"431"),
        (b"GET /status HTTP/1.1\r\n" + fields + b"\r\n", b"431"),
    ]:
        head, _, body = exchange(service, request).partition(b"\r\n\r\n")
        assert head.split(b" ")[1] == status
        assert body == b""
        assert b"connection: close" in head.lower()
        assert b"content-length: 0" in head.lower()
    assert httpx.get(f"{service.url}/status").status_code == 200
    assert "hunter2" not in service.log()


def test_header_fields_that_do_not_arrive_are_not_waited_for(start_service: ServiceFactory) -> None:
    service = start_service(IDLE_SECONDS="1")
    assert exchange(service, b"GET /status HTTP/1.1\r\nHost: localhost\r\n") == b""
    assert httpx.get(f"{service.url}/status").status_code == 200


@pytest.mark.parametrize("body", [b"ZZZ\r\nabc", b"5\r\nabcdeXX\r\n0\r\n\r\n"])
def test_a_malformed_chunk_is_refused_at_once(service: Service, body: bytes) -> None:
    request = b"POST /extract/42 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = exchange(service, request + body)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"urn:number-api:problem:malformed-request" in answer
    assert httpx.get(f"{service.url}/status").json()["extracted_count"] == 0


def test_two_hosts_are_none(service: Service) -> None:
    request = b"GET /status HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert exchange(service, request).startswith(b"HTTP/1.1 400 ")


def test_it_says_at_the_start_which_hosts_it_answers_for(service: Service) -> None:
    assert "serves only the hosts localhost, 127.0.0.1, [::1]" in service.log()


WARNING = "open to everyone who can reach 0.0.0.0; set NUMBER_API_KEYS to require a key"


def test_a_service_that_is_open_to_other_machines_warns(service: Service) -> None:
    assert WARNING in service.log()


def test_a_service_that_asks_for_keys_does_not_warn(start_service: ServiceFactory) -> None:
    assert WARNING not in start_service(HOST="0.0.0.0", KEYS="ops read " + "0" * 64).log()


def test_it_listens_on_a_host_by_name_and_knows_that_this_machine_alone_can_reach_it(
    start_service: ServiceFactory,
) -> None:
    log = start_service(HOST="localhost").log()
    assert "Listening at" in log
    assert "open to everyone" not in log
