"""The commands of docs/operations.md, run one after the other, as an operator reads them."""

import re
from collections.abc import Iterator

import pytest

from ingest.sample import write_sample
from tests.compose.deployment import Deployment, archiving_deployment
from tests.conftest import CHECKOUT

pytestmark = pytest.mark.compose

OPERATIONS = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")

# A timer of systemd, and a server of somebody else's; tests/refresh and tests/test_managed_database.py are about these.
ELSEWHERE = ("sudo ", "export ")
# A browser, and a repository to get a newer version from.
NOT_HERE = ("open ", "git pull")

BACKUP = re.compile(r"(?<=BACKUP=)backups/warehouse-\d{8}T\d{6}Z\.dump")
MOMENT = re.compile(r'"\d{4}-\d{2}-\d{2} [^"]*"')


@pytest.fixture
def operator(deployment: Deployment) -> Iterator[Deployment]:
    """A project from the same files as its operator finds it, with an archive from the beginning."""
    publish_url = deployment.directory / "secrets" / "publish_url"
    publish_url.write_text("sqlite:////tmp/marts.db\n", encoding="utf-8")
    for file in (deployment.directory / "data").iterdir():
        # What other tests have dropped, and is loaded there.
        file.unlink()
    try:
        with archiving_deployment(deployment, "operator") as operator:
            yield operator
    finally:
        publish_url.unlink()


def commands() -> Iterator[str]:
    for block in re.findall(r"```console\n(.*?)```", OPERATIONS, re.DOTALL):
        lines = [line.removeprefix("$ ") for line in block.splitlines()]
        if not lines[0].startswith(ELSEWHERE):
            yield from (line for line in lines if not line.startswith(NOT_HERE))


def test_every_command_works_in_the_order_of_the_page(operator: Deployment) -> None:
    for name, seed in (("sample", 7), ("more", 8)):
        write_sample(operator.directory / "data" / f"{name}.csv", rows=500, seed=seed)
    ran, moment = [], ""
    for command in commands():
        if command == "docker compose stop database":
            moment = operator.query("select clock_timestamp()")
            operator.process("python", "-m", "ingest", "remove", operator.query("select max(load_id) from raw.loads"))
        said = operator.run("bash", "-euo", "pipefail", "-c", adapted(command, operator, moment), seconds=1200)
        if command.startswith("curl"):
            assert '"remaining_count"' in said
        if command.startswith("docker compose down"):
            operator.up()
        ran.append(command)

    assert len(ran) >= 25
    assert operator.query("select count(*) from raw.loads") == "2"
    verified = "select count(*) from raw.loads inner join analytics.verified_loads using (load_id)"
    assert operator.query(verified) == "2"


def adapted(command: str, operator: Deployment, moment: str) -> str:
    """A command of the page for a project with another port, backups of another time, and no terminal."""
    if "127.0.0.1:8080" in command:
        command = command.replace("127.0.0.1:8080", operator.compose("port", "gateway", "8080").strip())
    if BACKUP.search(command):
        newest = max((operator.directory / "backups").iterdir()).name
        command = BACKUP.sub(f"backups/{newest}", command)
    command = MOMENT.sub(f'"{moment}"', command)
    return re.sub(r"docker compose (exec|run)\b", r"docker compose \1 -T", command)
