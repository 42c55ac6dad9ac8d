"""`python -m transform` on a real server: few lines, or all that dbt prints; what fails is seen either way."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg2
import pytest

from tests.conftest import CHECKOUT, query
from tests.ingest.program import run
from tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.slow

HEADER = "id,name,company_id,amount,status,created_at,paid_at\n"


@pytest.fixture
def build(tmp_path: Path) -> "Build":
    return Build(tmp_path)


class Build:
    """Builds into files of its own, from a directory that is not the checkout."""

    def __init__(self, directory: Path) -> None:
        self.log = directory / "logs" / "dbt.log"
        self._directory = directory

    def __call__(self, **environment: str) -> subprocess.CompletedProcess[str]:
        with self.start(**environment) as process:
            stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def start(self, **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "transform"],
            cwd=self._directory,
            env=self._environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def dbt(self, *arguments: str) -> str:
        """What dbt prints in the checkout."""
        dbt = str(Path(sys.executable).with_name("dbt"))
        return subprocess.check_output([dbt, *arguments], cwd=CHECKOUT, env=self._environment({}), text=True)

    def _environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "DBT_LOG_PATH": str(self.log.parent),
            "DBT_TARGET_PATH": str(self._directory / "target"),
            **environment,
        }


def load(path: Path, rows: str) -> None:
    path.write_text(HEADER + rows)
    assert run("load", str(path)).returncode == 0


def test_few_lines_or_all(database: str, tmp_path: Path, build: Build) -> None:
    load(tmp_path / "good.csv", "1,Acme,acme,1.50,paid,2019-06-01,\n")
    done = build()

    assert done.returncode == 0
    assert done.stderr == "Building the models ...\n"
    assert re.fullmatch(
        r"Built \d+ tables, \d+ views and 1 seed; \d+ checks passed\n  dbt's log: logs/dbt\.log\n", done.stdout
    )
    assert re.search("START .*stg_loads", build.log.read_text())
    assert query(database, "select count(*) from analytics.charges") == [(1,)]

    load(tmp_path / "bad.csv", ",Acme,acme,2,paid,2019-06-01,\n" * 6)
    done = build()
    assert done.returncode == 1
    assert "Failed: the check reject_ratio (tests/reject_ratio.sql): Got 100 results, configured to fail if > 50\n" in (
        done.stdout
    )
    assert "  The number is a percentage: the largest share of rejected rows in any one file." in done.stdout
    show = re.findall("To see the rows: dbt (show --project-dir dbt_project --select reject_ratio)\n", done.stdout)
    assert "bad.csv" in build.dbt(*show[0].split())
    assert re.search(r"\nBuilt .* passed, 1 failed, \d+ skipped because of what failed\n", done.stdout)

    verbose = build(VERBOSE="1")
    assert verbose.returncode == 1
    assert "FAIL 100 reject_ratio" in verbose.stdout
    assert "Failure in test reject_ratio (tests/reject_ratio.sql)" in verbose.stdout


def test_a_variable_without_a_usable_value_is_one_line(build: Build) -> None:
    done = build(WAREHOUSE_TCP_TIMEOUT="soon")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: WAREHOUSE_TCP_TIMEOUT is 'soon': give whole seconds")


def test_a_server_that_is_not_there_is_named(tmp_path: Path, build: Build) -> None:
    done = build(PGHOST=str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert done.stdout.startswith("dbt cannot build the models: Database Error\n  connection to server on socket ")
    assert "Traceback" not in done.stdout + done.stderr


def test_an_empty_warehouse_is_one_line(database: str, build: Build) -> None:
    done = build()

    assert done.returncode == 1
    assert done.stdout == (
        "dbt cannot build the models: There is nothing to build from in the raw schema: "
        "run `python -m ingest load FILE` first.\n"
        "  dbt's log: logs/dbt.log\n"
    )


def test_an_interrupted_build_says_so(database: str, tmp_path: Path, build: Build) -> None:
    load(tmp_path / "good.csv", "1,Acme,acme,1.50,paid,2019-06-01,\n")
    with psycopg2.connect(database) as other, other.cursor() as cursor:
        cursor.execute("lock table raw.rejected_rows")
        with build.start() as process:
            wait_until(
                lambda: query(database, "select count(*) > 0 from pg_locks where not granted") == [(True,)],
                "the build to wait for the lock",
            )
            process.send_signal(signal.SIGINT)
            try:
                stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
            finally:
                process.kill()
    other.close()

    assert (process.returncode, stdout) == (128 + signal.SIGINT, "")
    assert stderr == "Building the models ...\nInterrupted. Run the same command again to continue.\n"
    assert build().returncode == 0


def test_a_log_that_cannot_be_written_is_one_line(build: Build) -> None:
    done = build(DBT_LOG_PATH="/dev/null/logs")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: dbt cannot write its log /dev/null/logs/dbt.log: Not a directory. Choose another --log-path.\n"
    )
