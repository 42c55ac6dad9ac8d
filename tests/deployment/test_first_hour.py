"""What a newcomer runs into in the first hour is one clear line. What needs an installation is in test_fresh_clone."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, MAKE_VARIABLES
from warehouse.settings import SERVER_VARIABLES, socket_directory

DBT = Path(sys.executable).with_name("dbt")


def run(*command: str | Path, directory: Path = CHECKOUT, **environment: str) -> subprocess.CompletedProcess[str]:
    left_out = (*SERVER_VARIABLES, *MAKE_VARIABLES, "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return subprocess.run(
        command, cwd=directory, env={**kept, **environment}, capture_output=True, text=True, check=False
    )


def checkout(directory: Path) -> Path:
    """A checkout that nobody has run anything in, but that the packages of the tests are there."""
    directory.mkdir()
    for name in ("ingest", "report", "transform", "warehouse", "formats", "dbt_project", "profiles.yml"):
        if (CHECKOUT / name).is_dir():
            left_out = shutil.ignore_patterns("target", "logs", "__pycache__")
            shutil.copytree(CHECKOUT / name, directory / name, symlinks=True, ignore=left_out)
        else:
            shutil.copy(CHECKOUT / name, directory / name)
    return directory


@pytest.mark.parametrize("room", ["ingest", "transform", "report", "publish", "refresh", "number_api"])
def test_a_python_without_the_packages(room: str) -> None:
    # Without `site`, a Python finds no installed package.
    done = run(sys.executable, "-S", "-m", room)

    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {sys.executable} lacks the package ")
    assert done.stderr.endswith(f" and then `.venv/bin/python -m {room}`.\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("room", "package"), [("ingest", "psycopg2"), ("ingest", "rich"), ("number_api", "litestar")])
def test_ctrl_c_while_packages_are_imported(room: str, package: str, tmp_path: Path) -> None:
    # Found before the real one.
    (tmp_path / f"{package}.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n")
    done = run(sys.executable, "-m", room, PYTHONPATH=str(tmp_path))

    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "")


@pytest.mark.parametrize("room", ["ingest", "transform", "report", "publish", "refresh", "number_api"])
def test_another_directory(room: str, tmp_path: Path) -> None:
    # Python's own words; the README says what to do.
    done = run(sys.executable, "-m", room, directory=tmp_path)

    assert (done.returncode, done.stderr) == (1, f"{sys.executable}: No module named {room}\n")
    assert (
        "so Python finds `ingest`, `transform`, `report`, `publish`, `refresh` and `number_api` only in this directory"
        in " ".join((CHECKOUT / "README.md").read_text(encoding="utf-8").split())
    )


@pytest.mark.slow
def test_a_report_and_a_build_by_dbt_while_the_server_is_stopped(tmp_path: Path) -> None:
    directory = checkout(tmp_path / "clone")
    report = run(sys.executable, "-m", "report", "--text", directory=directory)
    assert (report.returncode, report.stderr.count("\n")) == (1, 1)
    assert report.stderr.startswith(
        "Error: The embedded PostgreSQL is not running: start and fill it with `make run`, "
    )

    # dbt's own words, which name the socket; the README says what to do.
    dbt = run(DBT, "build", "--project-dir", "dbt_project", directory=directory, PWD=str(directory))
    assert dbt.returncode != 0
    assert f'connection to server on socket "{socket_directory(directory)}/.s.PGSQL.5432" failed' in dbt.stdout
    assert "Traceback" not in dbt.stdout + dbt.stderr
    readme = " ".join((CHECKOUT / "README.md").read_text(encoding="utf-8").split())
    assert "dbt does not start it: if dbt reports that the connection to a socket" in readme


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_checkout_that_cannot_be_written(tmp_path: Path) -> None:
    directory = checkout(tmp_path / "clone")
    directory.chmod(0o555)
    try:
        done = run(sys.executable, "-m", "ingest", "load", "x.csv", directory=directory)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    finally:
        directory.chmod(0o755)


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        api = run(sys.executable, "-m", "number_api", "serve", "--port", str(port))
        docs = run(
            "make",
            "docs",
            f"PORT={port}",
            f"BIN={Path(sys.executable).parent}",
            "VENV=/nowhere",
            "-o",
            "/nowhere/.run-installed",
        )

    assert api.stderr == (
        f"Error: Cannot listen on 127.0.0.1 port {port}: Address already in use. Choose another --port\n"
    )
    assert docs.stderr.splitlines()[0] == (
        f"Port {port} of 127.0.0.1 is in use: stop what listens there, or choose another with make docs PORT=8081"
    )


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").touch()
    done = run("make", "run", f"PYTHON={old}", directory=tmp_path)

    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == ("Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 ...")


@pytest.mark.slow
def test_the_environment_of_a_moved_checkout_is_made_anew(tmp_path: Path) -> None:
    before, after = tmp_path / "be fore", tmp_path / "aft%er #1"
    (before / "requirements").mkdir(parents=True)
    (before / "requirements" / "run.txt").touch()
    shutil.copy(CHECKOUT / "Makefile", before)
    install = ("make", ".venv/.run-installed", f"PYTHON={sys.executable}")
    assert run(*install, directory=before).stdout == "Installing the locked dependencies into .venv (once) ...\n"
    before.rename(after)
    moved, again = run(*install, directory=after), run(*install, directory=after)

    assert moved.stdout.splitlines()[0] == (
        "This checkout was moved or copied, and .venv belongs to the other place: it is recreated."
    )
    assert f"{after}/.venv" in (after / ".venv" / "bin" / "activate").read_text()
    assert again.stdout == "make: '.venv/.run-installed' is up to date.\n"
