"""`make duckdb`: who reads the file has the old one or the new one, whatever becomes of a build."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import CHECKOUT
from tests.dbt_project.conftest import FIRST_LOAD, SECOND_LOAD
from tests.dbt_project.test_using_the_data import DOCUMENT, run
from tests.dbt_project.warehouse import Warehouse
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

# More than half of these are no payments.
REFUSED = [(f"r{n}", "Acme", "acme", "much", "paid", "2019-02-27", None) for n in range(9)]


class Make:
    """`make duckdb`, with all that it writes in one directory."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "warehouse.duckdb"
        self.next = directory / ".next" / "warehouse.duckdb"
        self._command = [
            *("make", "--no-print-directory", "duckdb", f"BIN={Path(sys.executable).parent}"),
            # What is installed is what the tests run on.
            *(f"DUCKDB_FILE={self.file}", "--old-file=.venv/.duckdb-installed"),
        ]
        self._environment = {**os.environ, "EXTRACT_LOCATION": str(directory / "raw"), "DBT_LOG_PATH": str(directory)}

    def start(self) -> subprocess.Popen[str]:
        """Start a build in a process group of its own."""
        return subprocess.Popen(
            self._command,
            cwd=CHECKOUT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def charges(self) -> int:
        """How many charges a reader sees."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            ((found,),) = connection.execute("select count(*) from analytics.charges").fetchall()
        return int(found)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    # As docs/use-the-data.md calls it.
    return Make(tmp_path / "exports")


def test_readers_have_the_old_file_until_all_tests_have_passed(warehouse: Warehouse, make: Make) -> None:
    warehouse.load(FIRST_LOAD)
    with make.start() as first:
        said, _ = first.communicate()
    assert first.returncode == 0, said
    assert said.splitlines()[-1] == str(make.file)
    assert make.charges() == len(warehouse.expected().charges)
    # Nothing that only a process that ends well would write.
    assert {path.name for path in make.file.parent.glob("*warehouse*")} == {make.file.name}
    assert (make.next.parent / "target" / "run_results.json").exists()
    built = make.file.read_bytes()

    warehouse.load(REFUSED)
    with duckdb.connect(str(make.file), read_only=True) as reader:
        with make.start() as second:
            said, _ = second.communicate()
        assert second.returncode != 0
        assert "reject_ratio" in said
        assert make.file.read_bytes() == built

        with make.start() as killed:
            # The build before has left its file.
            wait_until(lambda: not make.next.exists(), "the build begins")
            wait_until(make.next.exists, "the build has begun")
            os.killpg(killed.pid, signal.SIGKILL)
        assert make.file.read_bytes() == built

        warehouse.remove(2)
        warehouse.load(SECOND_LOAD)
        with make.start() as third:
            said, _ = third.communicate()
        assert third.returncode == 0, said
        assert reader.execute("select count(*) from analytics.charges").fetchall() == [(6,)]
    assert make.charges() == len(warehouse.expected().charges) > 6


@pytest.mark.nightly
def test_two_at_once_take_turns(warehouse: Warehouse, make: Make) -> None:
    warehouse.load(FIRST_LOAD)
    with make.start() as one, make.start() as other:
        for process in (one, other):
            said, _ = process.communicate()
            assert process.returncode == 0, said
    assert make.charges() == len(warehouse.expected().charges)
    assert not make.next.exists()

    (example,) = (block for block in re.findall(r"```python\n(.+?)```", DOCUMENT, re.DOTALL) if "duckdb" in block)
    total = sum(line.total_amount for line in warehouse.expected().summary)
    assert run([sys.executable, "-c", example], make.file.parent.parent) == str(total)
