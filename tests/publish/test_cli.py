"""The command line: what it prints, and what it says when it cannot publish."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from publish.cli import program
from tests.conftest import CHECKOUT
from tests.dbt_project.warehouse import Warehouse
from tests.publish.targets import SQLiteTarget

# Nothing listens there.
UNREACHABLE = "mysql+pymysql://user:p%40ss@127.0.0.1:1/marts"


@pytest.fixture(autouse=True)
def no_target(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUBLISH_URL", "PUBLISH_URL_FILE"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, arguments)


def fails(code: int, *arguments: str) -> str:
    """Run the program, which must fail with one line; returns the line."""
    result = run(*arguments)
    assert result.exit_code == code
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    return line


def test_the_report_is_for_people_or_machines(
    built: Warehouse, sqlite_target: SQLiteTarget, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = run(sqlite_target.url)
    assert first.exit_code == 0
    assert f"Published analytics to sqlite:///{sqlite_target.file}, with new tables" in first.output
    assert "inserted" in first.output

    (tmp_path / "url").write_text(f"{sqlite_target.url}\n")
    monkeypatch.setenv("PUBLISH_URL_FILE", str(tmp_path / "url"))
    second = run()
    assert second.exit_code == 0
    assert "is up to date; nothing was changed" in second.output

    report = json.loads(run("--json").stdout)
    assert report["status"] == "unchanged"
    assert report["tables"]["charges"]["rows"] == len(sqlite_target.rows("charges"))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("no address", "cannot be read"),
        ("mysql+pymysql://user@host:port/marts", "cannot be read"),
        ("oracle://host/marts", "use one of mysql, mariadb, postgresql, sqlite"),
        ("mysql+nothing://host/marts", "The usual driver for mysql is pymysql"),
        ("mysql+pymysql://host", "names no database"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql+pymysql://user:secret@host/marts", "PUBLISH_URL_FILE"),
        ("mysql+pymysql://host/marts?password=secret", "PUBLISH_URL_FILE"),
        ("postgresql:///marts?passfile=/secret", "PUBLISH_URL_FILE"),
        ("mysql+pymysql://127.0.0.1:1/marts?secret=1", "options of the URL"),
        ("mysql+pymysql://127.0.0.1:1/marts?ssl_ca=/nowhere/secret.pem", "cannot be read: No such file"),
    ],
)
def test_a_url_that_cannot_be_used_is_one_line_and_is_not_repeated(url: str, says: str) -> None:
    line = fails(2, url)

    assert says in line
    assert "secret" not in line


def test_no_target_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "set PUBLISH_URL to its URL" in fails(2)
    monkeypatch.setenv("PUBLISH_URL_FILE", str(tmp_path / "secret"))
    assert "cannot be read: No such file or directory" in fails(2)
    (tmp_path / "secret").write_text(" \n")
    assert "is empty" in fails(2)
    (tmp_path / "secret").write_bytes(b"\xff")
    assert "not text in UTF-8" in fails(2)
    monkeypatch.setenv("PUBLISH_URL", UNREACHABLE)
    assert "both set" in fails(2)


def test_a_target_that_cannot_be_reached_is_one_line_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    # In a process of its own, since PyMySQL leaves a socket behind.
    monkeypatch.setenv("PUBLISH_URL", UNREACHABLE)
    done = subprocess.run([sys.executable, "-m", "publish"], cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "No connection to mysql://127.0.0.1:1/marts: " in line
    assert "p@ss" not in line
    assert "p%40ss" not in line


def test_variables_of_the_warehouse_do_not_lead_the_target_elsewhere(
    built: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "5432")
    monkeypatch.setenv("PGPASSWORD", "secret")

    line = fails(1, "postgresql://127.0.0.1:1/marts")

    assert 'connection to server at "127.0.0.1", port 1 failed' in line
    assert "secret" not in line


@pytest.mark.parametrize(
    ("missing", "url", "says"),
    [
        ("sqlalchemy", "sqlite:///x.db", "The library 'sqlalchemy' is not installed: run `make publish`."),
        ("pymysql", "mysql+pymysql://host/marts", "The driver 'pymysql' is not installed: pip install pymysql"),
        ("MySQLdb", "mysql+mysqldb://host/marts", "The driver 'MySQLdb' is not installed: pip install mysqlclient"),
    ],
)
def test_a_missing_library_is_named_with_what_installs_it(missing: str, url: str, says: str) -> None:
    # In a process of its own, where nothing has imported it yet.
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            f"import sys; sys.modules[{missing!r}] = None\nfrom publish.cli import program\nprogram([{url!r}])",
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert says in line


def test_a_file_that_is_no_database_is_left_alone(built: Warehouse, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine" * 1000)

    assert "file is not a database" in fails(1, f"sqlite:///{file}")
    assert file.read_text() == "mine" * 1000


def test_a_directory_that_does_not_exist_is_one_line(built: Warehouse, tmp_path: Path) -> None:
    assert "Name a file in a directory that exists" in fails(1, f"sqlite:///{tmp_path}/no/marts.db")
