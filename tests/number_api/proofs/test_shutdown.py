"""How the service stops."""

import signal
import socket

import httpx

from tests.number_api.conftest import ServiceFactory
from tests.number_api.processes import Service, wait_until


def is_draining(service: Service) -> bool:
    return httpx.get(f"{service.url}/health/ready").status_code == 503


def connections_are_refused(service: Service) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", service.port)):
            return False
    except ConnectionRefusedError:
        return True


def test_sigterm_first_turns_readiness_off_then_refuses_connections_and_still_finishes_what_has_begun(
    start_service: ServiceFactory,
) -> None:
    service = start_service(DRAIN_SECONDS="2")
    with socket.create_connection(("127.0.0.1", service.port)) as begun:
        begun.sendall(b"POST /extract/42 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbo")
        service.send(signal.SIGTERM)
        wait_until(lambda: is_draining(service), "readiness to turn off")
        assert httpx.get(f"{service.url}/health/live").status_code == 200
        assert httpx.post(f"{service.url}/extract/43").status_code == 200
        wait_until(lambda: connections_are_refused(service), "connections to be refused")
        begun.sendall(b"dy")
        answer = begun.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'"extracted_number":42' in answer
    assert service.wait() == 0


def test_an_interrupt_from_the_keyboard_does_not_wait(start_service: ServiceFactory) -> None:
    service = start_service(DRAIN_SECONDS="3600")
    service.send(signal.SIGTERM)
    wait_until(lambda: is_draining(service), "readiness to turn off")
    service.send(signal.SIGINT)
    assert service.wait() == 0
