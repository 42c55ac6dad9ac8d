"""`python -m refresh` as a timer runs it, and what it tells."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.conftest import CHECKOUT

# Many times what a run with all steps takes; one that hangs ends before the test does.
RUN_SECONDS = 600


@dataclass(frozen=True)
class Program:
    """The program with a directory of its own, which holds the folder `data`."""

    directory: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)

    @property
    def folder(self) -> Path:
        return self.directory / "data"

    @property
    def state(self) -> dict[str, Any]:
        return dict(json.loads((self.directory / "state" / "state.json").read_text()))

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "refresh", *arguments],
            cwd=self.directory,
            env={
                **os.environ,
                "PYTHONPATH": str(CHECKOUT),
                "REFRESH_DIRECTORY": str(self.directory / "state"),
                "REFRESH_ATTEMPTS": "1",
                "REFRESH_BACKOFF_SECONDS": "0",
                **self.environment,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run it to its end; its exit code and what it said."""
        process = self.start(*arguments, **environment)
        try:
            said, _ = process.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return process.returncode, said


@dataclass
class Receiver:
    """What listens for alerts.

    Attributes:
        messages: What was posted.
        answers: The codes to answer with; 200 once there are none left.
        location: Where it redirects to, if it does.
    """

    address: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    location: str = ""
    requests: int = 0

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """Kind, subject and severity of all problems that were told of."""
        return [
            (problem["kind"], problem["subject"], problem["severity"])
            for message in self.messages
            for problem in message["problems"]
        ]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A real HTTP server that takes alerts."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests += 1
            code = receiver.answers.pop(0) if receiver.answers else 200
            if code == 200:
                receiver.messages.append(json.loads(body))
            self.send_response(code)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            receiver.requests += 1
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    receiver.address = f"http://127.0.0.1:{server.server_port}/hook/secret-token"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
