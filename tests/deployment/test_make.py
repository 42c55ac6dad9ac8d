"""What the Makefile and the scripts of `deploy` make of their variables, and what they start first."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, MAKE_VARIABLES
from warehouse.settings import SERVER_VARIABLES

ECHO = """#!/bin/sh
echo "${0##*/} $*"
"""
NO_COMPOSE_PLUGIN = """#!/bin/sh
echo "unknown flag. Usage: docker [OPTIONS] COMMAND" >&2
exit 125
"""
UNABLE = """#!/bin/sh
for file in 1 2 3; do echo "rm: cannot remove $file: Read-only file system" >&2; done
exit 1
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A checkout of the Makefile alone, with programs in `bin` that print how they are called."""
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    (tmp_path / "exports" / ".next").mkdir(parents=True)
    (tmp_path / "exports" / ".next" / "warehouse.duckdb").touch()
    (tmp_path / "bin").mkdir()
    for name in ("python", "dbt"):
        program(tmp_path / "bin" / name, ECHO)
    return tmp_path


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def make(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in (*MAKE_VARIABLES, "EXTRACT_LOCATION")}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=directory,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def lines(directory: Path, *arguments: str, **environment: str) -> list[str]:
    """What a target prints whose packages are installed."""
    installed = ("BIN=bin", "VENV=/nowhere", "--old-file=/nowhere/.run-installed")
    done = make(directory, *arguments, *installed, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "environment", "location"),
    [
        ([], {}, "exports/raw"),
        ([], {"EXTRACT_LOCATION": ""}, "exports/raw"),
        (["EXTRACT_LOCATION="], {}, "exports/raw"),
        ([], {"EXTRACT_LOCATION": "/a b/$c"}, "/a b/$c"),
    ],
)
def test_an_empty_location_of_the_extract_counts_as_unset(
    directory: Path, arguments: list[str], environment: dict[str, str], location: str
) -> None:
    # What make moves into place is made by dbt.
    program(directory / "bin" / "dbt", f'{ECHO}echo "$EXTRACT_LOCATION"\ntouch "$DUCKDB_PATH"\n')
    extract, _, seen_by_dbt, _ = lines(directory, "duckdb-file", *arguments, **environment)

    assert extract == f"python -m ingest extract --partition-by-load --output {location}"
    assert seen_by_dbt == location


def test_an_empty_python_and_port_count_as_unset(directory: Path) -> None:
    assert lines(directory, "docs", PORT="")[-1].endswith(" --port 8080")

    (directory / "requirements").mkdir()
    (directory / "requirements" / "run.txt").touch()
    done = make(directory, "--dry-run", ".venv/.run-installed", PYTHON="")
    assert done.stdout.startswith("python3 -c ")


@pytest.mark.parametrize("target", ["audit", "docs"])
def test_the_embedded_server_is_started_before_dbt(directory: Path, target: str) -> None:
    printed = lines(directory, target)

    start = printed.index("python -m warehouse.start_server")
    assert printed[start + 1].startswith("dbt ")
    assert not any(line.startswith("dbt ") for line in printed[:start])


def test_only_the_embedded_server_is_started(temporary_directory: Path) -> None:
    clone = temporary_directory / "clone"
    shutil.copytree(CHECKOUT / "warehouse", clone / "warehouse", ignore=shutil.ignore_patterns("__pycache__"))
    # In the way of the server's own directory.
    (clone / ".postgres").touch()
    kept = {name: value for name, value in os.environ.items() if name not in (*SERVER_VARIABLES, "PYTHONPATH")}

    def start(**environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "warehouse.start_server"]
        environment = {**kept, **environment}
        return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)

    assert start(PGHOST="/nowhere").returncode == 0
    refused = start()
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert refused.stderr.startswith("Error: The embedded PostgreSQL cannot be set up: ")


def test_an_environment_that_cannot_be_deleted_is_one_line(directory: Path) -> None:
    (directory / "requirements").mkdir()
    (directory / "requirements" / "run.txt").touch()
    (directory / ".venv" / "bin").mkdir(parents=True)
    (directory / ".venv" / "bin" / "activate").write_text("VIRTUAL_ENV=/elsewhere/.venv\n")
    # As on a read-only file system, which a test cannot make.
    program(directory / "bin" / "rm", UNABLE)
    path = f"{directory / 'bin'}:{os.environ['PATH']}"
    done = make(directory, ".venv/.run-installed", f"PYTHON={sys.executable}", PATH=path)

    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if not line.startswith("make: ")] == [
        ".venv cannot be deleted: make this directory writable, or copy the checkout to one that is"
    ]


@pytest.mark.parametrize(
    ("script", "arguments", "code", "says"),
    [
        ("backup", [], 1, "Docker with its Compose plugin is needed: "),
        ("restore", ["Makefile"], 1, "Docker with its Compose plugin is needed: "),
        ("restore", ["nope"], 2, "There is no file nope. Name a backup, such as BACKUP=backups/warehouse-"),
        ("restore", [], 2, "Name a backup, such as BACKUP=backups/warehouse-"),
    ],
)
def test_a_backup_that_cannot_be_made_or_found_is_one_line(
    directory: Path, script: str, arguments: list[str], code: int, says: str
) -> None:
    (directory / "deploy").mkdir()
    shutil.copy(CHECKOUT / "deploy" / script, directory / "deploy")
    program(directory / "bin" / "docker", NO_COMPOSE_PLUGIN)
    done = subprocess.run(
        [directory / "deploy" / script, *arguments],
        cwd=directory,
        env={**os.environ, "PATH": f"{directory / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert done.stderr.startswith(says)
    assert not (directory / "backups").exists()
