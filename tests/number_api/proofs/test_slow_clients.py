"""Clients that connect and never read, or never ask."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from tests.number_api.conftest import ServiceFactory
from tests.number_api.processes import Service
from tests.waiting import PATIENCE_SECONDS, wait_until

LARGEST = "/docs/files/swagger-ui-bundle.js"


@contextmanager
def connections(
    service: Service, count: int, request: bytes, customers: int = 1, first: int = 1
) -> Iterator[list[socket.socket]]:
    """So many connections, from so many addresses (from 127.0.0.`first` on), that send a request and read nothing."""
    wait_until(lambda: "each connection buffers at most" in service.log(), "the limits to be set")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(count + 1000, hard)), hard))
    with ExitStack() as stack:
        opened = []
        for number in range(count):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(PATIENCE_SECONDS)
            connection.bind((f"127.0.0.{number % customers + first}", 0))
            connection.connect(("127.0.0.1", service.port))
            connection.sendall(request)
            opened.append(connection)
        yield opened


def megabytes(service: Service) -> int:
    return int(sum(worker.memory_info().rss for worker in service.workers()) >> 20)


@pytest.mark.slow
@pytest.mark.parametrize("customers", [5, 50])
def test_a_thousand_that_never_read_a_large_file_are_bounded(start_service: ServiceFactory, customers: int) -> None:
    service = start_service(RATE_LIMIT="off")
    before = megabytes(service)
    request = f"GET {LARGEST} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with connections(service, 1100, request, customers) as opened:
        answers = [connection.recv(12) for connection in opened]
        downloads = min(20 * customers, 100)
        assert answers.count(b"HTTP/1.1 200") == downloads
        assert answers.count(b"HTTP/1.1 503") == 1100 - downloads
        assert httpx.get(f"{service.url}/health/live").status_code == 200
        assert httpx.get(f"{service.url}/status").status_code == 200
        assert megabytes(service) - before < 100


@pytest.mark.slow
def test_thousands_that_never_ask_hold_up_nobody_and_are_closed(start_service: ServiceFactory) -> None:
    service = start_service(IDLE_SECONDS="2")
    before = megabytes(service)
    with connections(service, 3000, b"", customers=30) as opened:
        assert httpx.get(f"{service.url}/status").status_code == 200
        assert megabytes(service) - before < 100
        # Each is closed once its time is up.
        assert all(connection.recv(1) == b"" for connection in opened)


@pytest.mark.slow
def test_header_fields_that_never_end_are_bounded(start_service: ServiceFactory) -> None:
    service = start_service(IDLE_SECONDS="600")
    before = megabytes(service)
    # No end of line, and as long as the server takes it.
    with connections(service, 2000, b"GET /status HTTP/1.1\r\nX: " + 30_000 * b"x", customers=20):
        assert httpx.get(f"{service.url}/status").status_code == 200
        assert megabytes(service) - before < 150


def test_one_client_has_no_more_than_its_share_of_the_connections(start_service: ServiceFactory) -> None:
    service = start_service(IDLE_SECONDS="600", TRUSTED_PROXIES="127.0.0.9")
    with connections(service, 300, b"") as opened, connections(service, 300, b"", first=9) as of_a_proxy:
        wait_until(lambda: sum(map(is_closed, opened)) >= 44, "the connections beyond the share to be closed")
        assert httpx.get(f"{service.url}/status", timeout=PATIENCE_SECONDS).status_code == 200
        assert sum(map(is_closed, opened)) < 60
        assert not any(map(is_closed, of_a_proxy))
    assert "connections of one client: 127.0.0.1" in service.log()


def is_closed(connection: socket.socket) -> bool:
    """Whether the service has closed it: nothing was asked, so nothing else can come."""
    connection.settimeout(0)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


@pytest.mark.slow
def test_a_download_that_takes_too_long_is_cut_off(start_service: ServiceFactory) -> None:
    program = "from number_api import cli, static_files; static_files._DOWNLOAD_SECONDS = 1; cli.program()"
    service = start_service(command=("-c", program), RATE_LIMIT="off")
    request = f"GET {LARGEST} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with connections(service, 15, request) as opened:
        wait_until(lambda: service.log().count(LARGEST) == 15, "the downloads to be cut off")
        assert min(len(read_to_end(connection)) for connection in opened) < 2_000_000
    with httpx.stream("GET", f"{service.url}{LARGEST}") as another:
        assert another.status_code == 200


def read_to_end(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(1 << 20), b""))


def test_it_is_compressed_and_sent_once(start_service: ServiceFactory) -> None:
    service = start_service()
    answer = httpx.get(f"{service.url}{LARGEST}")
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 600_000 < len(answer.content)
    again = httpx.get(f"{service.url}{LARGEST}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = httpx.get(f"{service.url}{LARGEST}", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    assert plain.headers["etag"] != answer.headers["etag"]
    head = httpx.head(f"{service.url}{LARGEST}")
    assert (head.headers["content-length"], head.content) == (answer.headers["content-length"], b"")
