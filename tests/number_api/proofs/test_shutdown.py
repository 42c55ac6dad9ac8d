"""How the service stops."""

import http.client
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.number_api.conftest import ServiceFactory
from tests.number_api.processes import Service, Valkey
from tests.waiting import wait_until


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
    service = start_service(DRAIN_SECONDS="3600")
    with requests_that_have_begun(service, 1):
        service.send(signal.SIGTERM)
        wait_until(lambda: is_draining(service), "readiness to turn off")
        assert httpx.get(f"{service.url}/health/live").status_code == 200
        assert httpx.post(f"{service.url}/extract/43").status_code == 200
        service.send(signal.SIGINT)
        wait_until(lambda: connections_are_refused(service), "connections to be refused")
    assert service.wait() == 0


def test_the_drain_ends_by_itself(start_service: ServiceFactory) -> None:
    service = start_service(DRAIN_SECONDS="1")
    service.send(signal.SIGTERM)
    assert service.wait() == 0


def test_clients_that_keep_their_connections_are_told_to_close_them(start_service: ServiceFactory) -> None:
    """So that none of them is about to send a request when its connection is closed."""
    service = start_service(DRAIN_SECONDS="3600", RATE_LIMIT="off")
    with ExitStack() as stack:
        clients: list[http.client.HTTPConnection] = []
        for _ in range(24):
            client = http.client.HTTPConnection("127.0.0.1", service.port)
            stack.callback(client.close)
            clients.append(client)
        for client in clients:
            assert connection_field(client) != "close"
        service.send(signal.SIGTERM)
        wait_until(lambda: is_draining(service), "readiness to turn off")
        assert [connection_field(client) for client in clients] == ["close"] * 24
        service.send(signal.SIGINT)
        assert service.wait() == 0


def connection_field(client: http.client.HTTPConnection) -> str | None:
    """Send a request on a connection that is kept, and return what its answer says of the connection."""
    client.request("GET", "/status")
    answer = client.getresponse()
    assert answer.status == 200
    answer.read()
    return answer.getheader("connection")


def test_a_killed_main_process_leaves_no_worker_behind(start_service: ServiceFactory, valkey: Valkey) -> None:
    service = start_service(STORE_URL=valkey.url, WORKERS="2")
    wait_until(lambda: service.log().count("Started worker") == 2, "both workers to start")
    workers = service.workers()
    service.send(signal.SIGKILL)
    wait_until(lambda: not any(map(runs, workers)), "the workers to end")
    wait_until(lambda: connections_are_refused(service), "the port to be free")


def runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_killed_worker_is_replaced(start_service: ServiceFactory, valkey: Valkey) -> None:
    service = start_service(STORE_URL=valkey.url, WORKERS="2")
    wait_until(lambda: service.log().count("Started worker") == 2, "both workers to start")
    service.workers()[0].kill()
    wait_until(lambda: service.log().count("Started worker") == 3, "another worker to start")
    service.send(signal.SIGINT)
    assert service.wait() == 0


def test_nohup_outlives_the_terminal(tmp_path: Path) -> None:
    nohup = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    script = f"{nohup}; from number_api.cli import program; program()"
    service = Service(tmp_path / "log", command=("-c", script), DRAIN_SECONDS="3600")
    try:
        service.start()
        # To all of them, as a terminal that closes does.
        for process in (psutil.Process(service.workers()[0].ppid()), *service.workers()):
            process.send_signal(signal.SIGHUP)
        # Had SIGHUP stopped it, it would not drain.
        service.send(signal.SIGTERM)
        wait_until(lambda: is_draining(service), "readiness to turn off")
        service.send(signal.SIGINT)
        assert service.wait() == 0
    finally:
        service.kill()


def test_a_script_can_interrupt_what_it_has_started_in_the_background(tmp_path: Path) -> None:
    ignored = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
    service = Service(tmp_path / "log", command=("-c", f"{ignored}; from number_api.cli import program; program()"))
    try:
        service.start()
        service.send(signal.SIGINT)
        assert service.wait() == 0
    finally:
        service.kill()


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
