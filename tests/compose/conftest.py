"""One deployment for all tests: brought up with an empty data folder, then given a file."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ingest.sample import write_sample
from tests.compose.deployment import UP_SECONDS, CommandFailedError, Deployment, copy_checkout

ROWS = 500


@dataclass(frozen=True)
class Start:
    """What the data-processor said of an empty folder, before it was given a file."""

    empty: str


@pytest.fixture(scope="session")
def engine() -> None:
    """Fail without a Docker engine: these tests are about nothing else."""
    if shutil.which("docker") is None:
        pytest.exit("make test-compose needs a Docker engine with compose, and there is no docker here.", returncode=1)
    for command in (["docker", "info"], ["docker", "compose", "version"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1]
            pytest.exit(f"make test-compose needs a Docker engine with compose: {said}", returncode=1)


@pytest.fixture(scope="session")
def deployment(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The services, as `make secrets` and `docker compose up --wait` make them from a fresh clone."""
    deployment = Deployment(copy_checkout(tmp_path_factory.mktemp("deployment")))
    (deployment.directory / "data").mkdir()
    deployment.run("make", "secrets")
    leave_out_init_if_the_engine_has_none(deployment)
    try:
        deployment.up("--build")
        yield deployment
    finally:
        deployment.remove()


def leave_out_init_if_the_engine_has_none(deployment: Deployment) -> None:
    """Run the services without docker-init on an engine that lacks it, as Debian's does without its package tini."""
    deployment.compose("build", "database", seconds=UP_SECONDS)
    try:
        deployment.compose("run", "--rm", "--no-TTY", "--no-deps", "database", "true")
    except CommandFailedError as failure:
        if "docker-init" not in str(failure):
            raise
        services = deployment.compose("--profile", "*", "config", "--services").split()
        override = {"services": {service: {"init": False} for service in services}}
        (deployment.directory / "docker-compose.override.yml").write_text(json.dumps(override), encoding="utf-8")


@pytest.fixture(scope="session")
def start(deployment: Deployment) -> Start:
    """The first start, with an empty folder, and a second one with a file in it."""
    empty = deployment.compose("logs", "--no-log-prefix", "data-processor")
    write_sample(deployment.directory / "data" / "sample.csv", rows=ROWS, seed=7)
    deployment.up()
    return Start(empty)


@pytest.fixture
def loaded(deployment: Deployment, start: Start) -> Deployment:
    """The services, with a file loaded and built."""
    return deployment
