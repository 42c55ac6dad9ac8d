"""How the service stops."""

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.number_api.conftest import ServiceFactory
from tests.number_api.processes import Service, Valkey, wait_until


def is_draining(service: Service) -> bool:
    return httpx.get(f"{service.url}/health/ready").status_code == 503


def connections_are_refused(service: Service) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", service.port)):
            return False
    except ConnectionRefusedError:
        return True


@contextmanager
def requests_that_have_begun(service: Service, count: int) -> Iterator[None]:
    """Send the first half of so many requests, and in the end the second: each must be answered."""
    with ExitStack() as stack:
        begun = [stack.enter_context(socket.create_connection(("127.0.0.1", service.port))) for _ in range(count)]
        for number, connection in enumerate(begun, 1):
            head = f"POST /extract/{number} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbo"
            connection.sendall(head.encode())
        yield
        for number, connection in enumerate(begun, 1):
            connection.sendall(b"dy")
            answer = connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b'"extracted_number":%d' % number in answer


def test_sigterm_first_turns_readiness_off_then_refuses_connections_and_still_finishes_what_has_begun(
    start_service: ServiceFactory,
) -> None:
    service = start_service(DRAIN_SECONDS="2")
    with requests_that_have_begun(service, 1):
        service.send(signal.SIGTERM)
        wait_until(lambda: is_draining(service), "readiness to turn off")
        assert httpx.get(f"{service.url}/health/live").status_code == 200
        assert httpx.post(f"{service.url}/extract/43").status_code == 200
        wait_until(lambda: connections_are_refused(service), "connections to be refused")
    assert service.wait() == 0


def test_every_worker_drains_and_an_interrupt_from_the_keyboard_ends_the_wait(
    start_service: ServiceFactory, valkey: Valkey
) -> None:
    service = start_service(DRAIN_SECONDS="3600", STORE_URL=valkey.url, WORKERS="2")
    wait_until(lambda: service.log().count("Started worker") == 2, "both workers to start")
    # So many that both workers have some.
    with requests_that_have_begun(service, 20):
        service.send(signal.SIGTERM)
        wait_until(lambda: is_draining(service), "readiness to turn off")
        assert all(is_draining(service) for _ in range(20))
        assert httpx.post(f"{service.url}/extract/43").status_code == 200
        service.send(signal.SIGINT)
        wait_until(lambda: connections_are_refused(service), "connections to be refused")
    assert service.wait() == 0


@pytest.mark.parametrize("others", [(signal.SIGTERM,), (signal.SIGINT, signal.SIGHUP)])
def test_signals_that_come_at_the_same_time_stop_it_all_the_same(
    start_service: ServiceFactory, others: tuple[signal.Signals, ...]
) -> None:
    service = start_service(DRAIN_SECONDS="1")
    # As many and as far apart as it takes for some to come in the middle of others.
    for number in (signal.SIGTERM, *others) * 50:
        service.send(number)
        time.sleep(0.00002)
    assert service.wait() == 0


def test_a_signal_to_a_worker_that_starts_does_not_keep_the_service_from_stopping(tmp_path: Path) -> None:
    service = Service(tmp_path / "log", DRAIN_SECONDS="0")
    try:
        service.launch()
        wait_until(lambda: len(service.workers()) == 1, "the worker to be spawned")
        service.workers()[0].terminate()
        service.send(signal.SIGTERM)
        service.wait()
    finally:
        service.kill()
    assert "refused to gracefully stop" not in service.log()
