"""A deployment of this checkout on the Docker engine that is there, with a name and a port of its own."""

import contextlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.conftest import CHECKOUT
from warehouse.settings import SERVER_VARIABLES

# Building all images on a slow machine takes that long.
UP_SECONDS = 1200
COMMAND_SECONDS = 300

INSTANCES = 3

# A mirror of packages that is frozen at a date says that it has expired.
FROZEN_MIRROR = "-o Acquire::Check-Valid-Until=false"

LONG_RUNNING = ("database", "valkey", "api", "gateway")

FIGURES = """
    select
        (select count(*) from analytics.charges),
        (select sum(amount) from analytics.charges),
        (select count(*) from analytics.companies),
        (select count(*) from analytics.rejected_transactions),
        (select md5(string_agg(summary::text, '|')) from analytics.daily_transaction_summary as summary),
        (select count(*) from raw.raw_transactions),
        (select string_agg(source_name || sha256, '|' order by load_id) from raw.loads)
"""


class CommandFailedError(AssertionError):
    """A command ended with another code than zero; the message is what it said."""


@dataclass(frozen=True)
class Answer:
    """What the gateway answered."""

    status: int
    body: Any
    fields: dict[str, str]


@dataclass(frozen=True)
class Deployment:
    """The services of one compose project, run from `directory`."""

    directory: Path
    project: str = field(default_factory=lambda: f"warehouse-test-{uuid.uuid4().hex[:8]}")
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, stdin: bytes | None = None, seconds: int = COMMAND_SECONDS, **environment: str) -> str:
        """Run a command in the directory; it must succeed. Returns what it printed, errors included.

        Raises:
            CommandFailedError: it did not.
        """
        return self.run_binary(*command, stdin=stdin, seconds=seconds, **environment).decode(errors="replace")

    def run_binary(
        self, *command: str, stdin: bytes | None = None, seconds: int = COMMAND_SECONDS, **environment: str
    ) -> bytes:
        """Run a command as `run` does, and return the bytes that it printed.

        Raises:
            CommandFailedError: it did not succeed.
        """
        kept = {name: value for name, value in os.environ.items() if name not in SERVER_VARIABLES}
        done = subprocess.run(
            command,
            cwd=self.directory,
            env={
                **kept,
                "COMPOSE_PROJECT_NAME": self.project,
                "GATEWAY_PORT": "0",
                "API_INSTANCES": str(INSTANCES),
                "NUMBER_API_RATE_LIMIT": "100000/minute",
                **self.environment,
                **environment,
            },
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
        if done.returncode != 0:
            raise CommandFailedError(f"{' '.join(command)}\n{done.stdout.decode(errors='replace')}")
        return done.stdout

    def compose(self, *arguments: str, **options: Any) -> str:
        """Run docker compose; it must succeed."""
        return self.run("docker", "compose", *arguments, **options)

    def up(self, *arguments: str, **environment: str) -> str:
        """Bring services up and wait until they are healthy."""
        return self.compose("up", "--detach", "--wait", *arguments, seconds=UP_SECONDS, **environment)

    def serve(self) -> None:
        """Bring up what answers requests, without loading and building first."""
        self.up("--no-deps", "valkey", "api", "gateway")

    def process(self, *command: str) -> str:
        """Run a command as the data-processor."""
        return self.compose("run", "--rm", "--no-TTY", "data-processor", *command)

    def query(self, statement: str) -> str:
        """Ask the database as its superuser, through its socket; unaligned text."""
        said = self.compose(
            "exec", "-T", "database", "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "warehouse", "-c", statement
        )
        return said.strip()

    def query_as(self, role: str, statement: str, *, database: str = "warehouse", tls: str = "require") -> str:
        """Ask the database over TCP, as a role with its password."""
        return self._psql(role, database, tls, "-v", "ON_ERROR_STOP=1", "-c", statement).strip()

    def attempt_as(self, role: str, statements: list[str]) -> dict[str, str]:
        """Try statements one after the other over TCP, as a role with its password; what was said to each."""
        commands = [part for statement in statements for part in ("-c", f"\\warn @{statement}", "-c", statement)]
        said = self._psql(role, "warehouse", "require", *commands, "-c", "").split("@")[1:]
        return dict(zip(statements, said, strict=True))

    def _psql(self, role: str, database: str, tls: str, *options: str) -> str:
        return self.compose(
            *("exec", "-T", "--env", f"PGSSLMODE={tls}", "--env", f"ROLE={role}", "database"),
            *("sh", "-c", 'PGPASSWORD=$(cat "/run/secrets/${ROLE}_password") exec psql "$@"', "psql"),
            *("-XAtq", "-h", "localhost", "-U", role, "-d", database, *options),
        )

    def figures(self) -> str:
        """What the warehouse holds, in a line."""
        return self.query(FIGURES)

    def secret(self, name: str) -> str:
        """What a file of secrets/ says."""
        return (self.directory / "secrets" / name).read_text(encoding="utf-8").strip()

    def containers(self, service: str = "", *, running: bool = False) -> list[str]:
        """Ids of the containers, of one service or of all."""
        options = ["--quiet", *([] if running else ["--all"]), *([service] if service else [])]
        return self.compose("ps", *options).split()

    def inspect(self, *things: str) -> list[dict[str, Any]]:
        """What the engine knows of containers, images or networks."""
        return list(json.loads(self.run("docker", "inspect", *things)))

    def request(self, method: str, path: str, *, key: bool = True, **fields: str) -> Answer:
        """Send a request to the gateway's published port."""
        address = self.compose("port", "gateway", "8080").strip()
        if key:
            fields["Authorization"] = f"Bearer {self.secret('number_api_key')}"
        request = urllib.request.Request(f"http://{address}{path}", method=method, headers=fields)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, _read(answer), dict(answer.headers))
        except urllib.error.HTTPError as answer:
            with answer:
                return Answer(answer.code, _read(answer), dict(answer.headers))

    def remove(self) -> None:
        """Delete all that the project made in the engine."""
        self.compose("--profile", "tools", "down", "--volumes", "--rmi", "all", "--timeout", "1")


@contextlib.contextmanager
def archiving_deployment(deployment: Deployment, name: str) -> Iterator[Deployment]:
    """Another project from the files of a deployment, whose database keeps an archive; only its image is built."""
    override = "docker-compose.override.yml"
    files = ["docker-compose.yml", *([override] if (deployment.directory / override).exists() else [])]
    archiving = replace(
        deployment,
        project=f"{deployment.project}-{name}",
        environment={"COMPOSE_FILE": ":".join([*files, "deploy/recovery.yml"])},
    )
    try:
        try:
            archiving.compose("build", "database", seconds=UP_SECONDS)
        except CommandFailedError as failure:
            if "is expired" not in str(failure):
                raise
            archiving.environment["APT_OPTIONS"] = FROZEN_MIRROR
            archiving.compose("build", "database", seconds=UP_SECONDS)
        yield archiving
    finally:
        archiving.remove()


def copy_checkout(directory: Path) -> Path:
    """Copy what is, or would be, committed."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    for name in listing.stdout.decode().split("\0"):
        if name and (CHECKOUT / name).exists():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, directory / name)
    return directory


def _read(answer: Any) -> Any:
    body = answer.read()
    return json.loads(body) if "json" in answer.headers.get("Content-Type", "") else body.decode()
