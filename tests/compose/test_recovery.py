"""Point-in-time recovery: what was written comes back as of a moment, or up to the last minute without the disk."""

import dataclasses
from collections.abc import Iterator

import pytest

from tests.compose.deployment import UP_SECONDS, CommandFailedError, Deployment
from tests.waiting import wait_until

pytestmark = pytest.mark.compose

LOAD = b"id,name,company_id,amount,status,created_at,paid_at\n%s,Acme,acme,1,paid,2019-02-27,\n"

# A mirror of packages that is frozen at a date says that it has expired.
FROZEN_MIRROR = "-o Acquire::Check-Valid-Until=false"


@pytest.fixture(scope="module")
def archiving(deployment: Deployment) -> Iterator[Deployment]:
    """A project from the same files whose database keeps an archive, with a base backup of its first load."""
    override = "docker-compose.override.yml"
    files = ["docker-compose.yml", *([override] if (deployment.directory / override).exists() else [])]
    archiving = dataclasses.replace(
        deployment,
        project=f"{deployment.project}-archiving",
        environment={"COMPOSE_FILE": ":".join([*files, "deploy/recovery.yml"])},
    )
    try:
        try:
            archiving.compose("build", "database", seconds=UP_SECONDS)
        except CommandFailedError as failure:
            if "is expired" not in str(failure):
                raise
            archiving = dataclasses.replace(
                archiving, environment={**archiving.environment, "APT_OPTIONS": FROZEN_MIRROR}
            )
        archiving.up("--build", "database")
        load(archiving, "first")
        archiving.compose("exec", "-T", "database", "pgbackrest", "stanza-create")
        archiving.compose("exec", "-T", "database", "pgbackrest", "backup", "--type=full")
        yield archiving
    finally:
        archiving.remove()


def test_the_warehouse_comes_back_as_it_was_at_a_moment(archiving: Deployment) -> None:
    load(archiving, "wanted")
    moment = archiving.query("select clock_timestamp()")
    load(archiving, "by_mistake")
    archive_all(archiving)

    recover(archiving, moment)

    assert loads(archiving) == "first.csv,wanted.csv"
    load(archiving, "afterwards")
    archive_all(archiving)
    recover(archiving)
    assert loads(archiving) == "first.csv,wanted.csv,afterwards.csv"


def test_the_warehouse_comes_back_without_its_disk(archiving: Deployment) -> None:
    load(archiving, "before_the_disk_failed")
    before = loads(archiving)
    archive_all(archiving)
    archiving.compose("kill", "database")
    archiving.compose("rm", "--force", "database")
    archiving.run("docker", "volume", "rm", f"{archiving.project}_database")

    recover(archiving)

    assert loads(archiving) == before
    assert archiving.query("select pg_is_in_recovery()") == "f"


def load(deployment: Deployment, name: str) -> None:
    (deployment.directory / "data" / f"{name}.csv").write_bytes(LOAD % name.encode())
    deployment.process("python", "-m", "ingest", "load", f"data/{name}.csv")
    (deployment.directory / "data" / f"{name}.csv").unlink()


def loads(deployment: Deployment) -> str:
    return deployment.query("select string_agg(source_name, ',' order by load_id) from raw.loads")


def archive_all(deployment: Deployment) -> None:
    """Have the archive hold all that was written until now."""
    segment = deployment.query("select pg_walfile_name(pg_switch_wal())")
    archived = f"select coalesce(last_archived_wal >= '{segment}', false) from pg_stat_archiver"
    wait_until(lambda: deployment.query(archived) == "t", "the last segment in the archive")


def recover(deployment: Deployment, *moment: str) -> None:
    deployment.compose("stop", "database")
    deployment.compose("run", "--rm", "--no-TTY", "--no-deps", "database", "recover", *moment)
    deployment.up("database")
