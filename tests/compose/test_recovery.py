"""Point-in-time recovery: what was written comes back as of a moment, or up to the last minute without the disk."""

from collections.abc import Iterator

import pytest

from tests.compose.deployment import Deployment, archiving_deployment
from tests.waiting import wait_until

pytestmark = pytest.mark.compose

LOAD = b"id,name,company_id,amount,status,created_at,paid_at\n%s,Acme,acme,1,paid,2019-02-27,\n"


@pytest.fixture(scope="module")
def archiving(deployment: Deployment) -> Iterator[Deployment]:
    """A project from the same files whose database keeps an archive, with a base backup of its first load."""
    with archiving_deployment(deployment, "archiving") as archiving:
        archiving.up("database")
        load(archiving, "first")
        archiving.compose("exec", "-T", "database", "pgbackrest", "stanza-create")
        archiving.compose("exec", "-T", "database", "pgbackrest", "backup", "--type=full")
        yield archiving


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
