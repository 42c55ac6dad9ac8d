"""The README's commands in a fresh clone in a deep directory, run by ourselves and by an ordinary user."""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, MAKE_VARIABLES, server_directory
from tests.waiting import PATIENCE_SECONDS
from warehouse.settings import SERVER_VARIABLES, socket_directory

pytestmark = pytest.mark.clone

# Longer than the path of a socket may be, with what trips scripts, make, URLs and interpolation.
DEEP = Path(
    "a-directory-name-of-forty-characters-or-so",
    "another with spaces, Ümläuts, 100%, %20 and #1",
    "and-one-more",
    "clone",
)


# A Python outside the virtual environment of the tests, which an ordinary user cannot reach everywhere.
PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin") or "python3"


@dataclass(frozen=True)
class Clone:
    """A fresh clone and who works in it."""

    path: Path
    account: pwd.struct_passwd | None

    def run(self, command: str, **environment: str) -> str:
        """Run a command line in the clone; it must succeed. Returns what it printed."""
        process = self._start(command, environment)
        printed, errors = process.communicate()
        assert process.returncode == 0, f"{command}\n{printed}\n{errors}"
        return printed

    def serve(self, command: str, address: str) -> None:
        """Run a command line that serves until it is stopped; something must answer at the address."""
        process = self._start(f". .venv/bin/activate && {command}", {"BROWSER": "true"})
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            while not answers(address):
                assert process.poll() is None, f"{command}\n{process.communicate()}"
                assert time.monotonic() < deadline, f"{command}: nothing answers at {address}"
                time.sleep(0.2)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.communicate(timeout=PATIENCE_SECONDS)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def _start(self, command: str, environment: dict[str, str]) -> "subprocess.Popen[str]":
        # The tests' own directory for temporary files may be out of the account's reach.
        left_out = (*SERVER_VARIABLES, *MAKE_VARIABLES, "TMPDIR", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if name not in left_out}
        # An ordinary user here has no home, and a mask that hides all files from others.
        return subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=self.path,
            env={
                **kept,
                "HOME": "/nowhere" if self.account else str(self.path.parent),
                "PYTHON": PYTHON,
                **environment,
            },
            umask=0o077 if self.account else -1,
            user=self.account.pw_uid if self.account else None,
            group=self.account.pw_gid if self.account else None,
            extra_groups=[] if self.account else None,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def answers(address: str) -> bool:
    """Whether a server answers there, with whatever status."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.fixture(scope="module", params=["ourselves", "ordinary user"])
def clone(request: pytest.FixtureRequest) -> Iterator[Clone]:
    ordinary = request.param == "ordinary user"
    if ordinary and os.getuid() != 0:
        pytest.skip("we are an ordinary user ourselves")
    account = pwd.getpwnam("nobody") if ordinary else None
    with server_directory() as directory:
        path = directory / DEEP
        assert len(str(path)) > 120
        subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(path)], check=True)
        if account:
            for part in (directory, *directory.rglob("*")):
                os.chown(part, account.pw_uid, account.pw_gid, follow_symlinks=False)
        clone = Clone(path, account)
        try:
            yield clone
        finally:
            clone.run("make stop")


def test_make_run_and_the_commands_that_follow(clone: Clone) -> None:
    first = clone.run("make run")

    assert "Loaded sample.csv as load 1\n  rows read      10,000\n" in first
    assert re.search(r"\nBuilt \d+ tables, \d+ views and 1 seed; \d+ checks passed\n  dbt's log: .*/dbt\.log\n", first)
    # What is said of the load, the extract and the build; the report has lines of its own.
    assert len(first.split("\nDaily report.")[0].splitlines()) < 40
    assert " START " in clone.run("make run VERBOSE=1")
    assert re.search(
        r"daily_transaction_summary, newest rows \(days in UTC\)\n  transaction_date .*\n  2019-05-20  ", first
    )
    assert "\nAll rows are accounted for: 10,000 rows read = " in first
    assert first.endswith("exports/report.html\n")
    assert (clone.path / "exports" / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert not socket_directory(clone.path).is_relative_to(clone.path)

    # In a new shell, with nothing exported.
    second = clone.run("make run")
    assert "sample.csv is already loaded as load 1; nothing was changed" in second
    assert figures_of(second) == figures_of(first)
    assert "Completed successfully" in clone.run(".venv/bin/dbt build --project-dir dbt_project --profiles-dir .")
    clone.run(".venv/bin/dbt docs generate --project-dir dbt_project")
    assert clone.run("git status --porcelain") == ""


def test_a_copied_checkout_is_one_of_its_own(clone: Clone) -> None:
    clone.run("make run && make stop && cp -a . ../copy && make run")
    copy = Clone(clone.path.with_name("copy"), clone.account)
    try:
        printed = copy.run("make run")
        assert printed.startswith(
            "This checkout was moved or copied, and .venv belongs to the other place: it is recreated.\n"
        )
        assert "sample.csv is already loaded as load 1" in printed
        assert f"host={socket_directory(copy.path)} " in copy.run(".venv/bin/python -m ingest server start")
        copy.run(".venv/bin/dbt build --project-dir dbt_project")
        copy.run("make run && .venv/bin/python -m ingest remove 1")
        # Each has its own data.
        assert "sample.csv is already loaded as load 1" in clone.run("make run")
    finally:
        copy.run("make clean")
        shutil.rmtree(copy.path)


def test_the_commands_of_the_readme(clone: Clone) -> None:
    clone.run("make run && gzip -c data/sample.csv > more.csv.gz")
    servers = {"make api": "http://127.0.0.1:8000/missing", "dbt docs serve": "http://127.0.0.1:8080/catalog.json"}
    commands = re.findall(r"^\$ ([^#\n]+?) *(?:#.*)?$", (clone.path / "README.md").read_text(), re.MULTILINE)
    everyday = commands[commands.index("make test") + 1 :]
    assert len(everyday) > len(servers)
    for command in everyday:
        address = next((address for prefix, address in servers.items() if command.startswith(prefix)), None)
        if address:
            clone.serve(command, address)
        else:
            clone.run(f". .venv/bin/activate && {command}")


def test_the_tutorial_comes_out_as_it_says(clone: Clone) -> None:
    clone.run("make run && .venv/bin/python -m ingest server remove && rm -rf exports")
    commands = re.findall(r"^\$ (.+)$", (clone.path / "docs" / "tutorial.md").read_text(), re.MULTILINE)
    assert len(commands) > 10
    printed = clone.run(" && ".join(commands))

    for line in (r"p1 *\| *15\.00 \| *3", r"p2 *\| *7\.25 \| *3", r"Removed load 3 \(corrected\.csv, 2 rows\)"):
        assert re.search(line, printed), f"{line}\n{printed}"


def test_make_run_with_the_real_file(clone: Clone) -> None:
    real_input = os.environ.get("TRANSACTIONS_CSV")
    if not real_input:
        pytest.skip("TRANSACTIONS_CSV names no real input file")
    copy = shutil.copy(real_input, clone.path.parent / "transactions.csv")
    Path(copy).chmod(0o644)
    clone.run("make stop && rm -rf .postgres")
    printed = clone.run("make run", INGEST_INPUT="../transactions.csv")

    for line in (
        r"rows read +10,000",
        r"charges +9,991",
        r"rejected rows +9\n +invalid_amount +4\n +missing_id +3\n +unknown_status +2\n",
        r"sum of all charges +21,314,727,822\.41",
        r"charges with updated_at +6,005",
        r"paid +5,890\n +voided +2,082\n +pending_payment +1,878\n +refunded +93\n",
        r"cbf1c8b09cd5b549416d49d2  MiPasajefy +9,895 +140 +5,952 +733,773\.00",
        r"8f642dc67fccf861548dfe1c  Muebles chidos +96 +29 +31 +294,827\.80",
        r"rows  transactions +total\n +169 +5,983 +1,028,600\.80",
        r"2019-05-20 +MiPasajefy +cbf1c8b09cd5b549416d49d2 +82\.40 +2\n",
    ):
        assert re.search(line, printed), f"{line}\n{printed}"


def figures_of(printed: str) -> str:
    """What a run prints of the marts."""
    return printed[printed.index("\nFigures\n") :]
