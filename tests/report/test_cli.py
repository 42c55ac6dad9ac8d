"""The command line: what it writes, and what it says when it cannot."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from report.cli import program
from tests.conftest import RAW_SCHEMA, query
from tests.dbt_project.warehouse import Warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.settings import SERVER_VARIABLES


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, arguments)


def fails(*arguments: str) -> str:
    """Run the program, which must fail with one line; returns the line."""
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    return line


def test_the_page_is_written_and_its_path_printed(reported: Warehouse, tmp_path: Path) -> None:
    output = tmp_path / "new" / "page.html"

    result = run("--output", str(output))

    assert (result.exit_code, result.output) == (0, f"{output}\n")
    assert output.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in output.parent.iterdir()] == ["page.html"]


def test_a_page_that_fails_leaves_the_old_one(
    reported: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "page.html"
    output.write_text("old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    assert fails("--output", str(output)) == f"Error: {output}: No space left on device. Choose another --output."
    assert output.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_directory_that_cannot_be_made_is_one_line(reported: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert "Choose another --output." in fails("--output", str(tmp_path / "file" / "page.html"))


def test_an_empty_database_says_what_to_run(database: str) -> None:
    for arguments in ([], ["--text"]):
        line = fails(*arguments)
        assert "python -m ingest load FILE" in line
        assert "dbt build" in line


def test_missing_marts_say_what_to_run(database: str) -> None:
    query(database, f"{RAW_SCHEMA}; select 1")

    line = fails("--text")

    assert "(the schema analytics does not exist)" in line
    assert "run `dbt build --project-dir dbt_project`" in line


def test_one_missing_view_is_named(reported: Warehouse) -> None:
    reported.execute("drop view analytics.daily_transaction_summary")

    assert "(analytics.daily_transaction_summary missing)" in fails("--text")


def test_the_marts_of_another_schema_are_shown(reported: Warehouse) -> None:
    shown = run("--text").stdout
    reported.execute('alter schema analytics rename to "dbt_an"" n"')

    assert run("--text", "--schema", 'dbt_an" n').stdout == shown
    line = fails("--text", "--schema", "dbt_ann")
    assert "(the schema dbt_ann does not exist)" in line
    assert "name another schema with --schema" in line
    assert "(the schema with an empty name does not exist)" in fails("--text", "--schema", "")


def test_text_has_no_output_file(tmp_path: Path) -> None:
    result = run("--text", "--output", str(tmp_path / "page.html"))

    assert result.exit_code == 2
    assert "omit --text or --output" in result.stderr


def test_where_nothing_listens_it_says_how_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SERVER_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("warehouse.settings.socket_directory", lambda: tmp_path)
    server = EmbeddedServer(tmp_path / "home", tmp_path, None)
    monkeypatch.setattr(EmbeddedServer, "of_checkout", lambda: server)

    assert "start and fill it with `make run`" in fails("--text")
    assert list(tmp_path.iterdir()) == []

    # `make run` would load a sample into the data that is there.
    server.data.mkdir(parents=True)
    line = fails("--text")
    assert "start it with `python -m ingest server start`" in line
    assert "make run" not in line


def test_a_server_that_cannot_be_reached_is_one_line_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOST", str(tmp_path))
    monkeypatch.setenv("PGPASSWORD", "secret-password")

    line = fails("--text")

    assert "No connection to PostgreSQL" in line
    assert "check the PG* variables" in line
    assert "secret" not in line


def test_who_may_not_read_is_told_so_in_one_line(reported: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    reported.execute("create role stranger")
    try:
        with monkeypatch.context() as patched:
            patched.setenv("PGOPTIONS", "-c role=stranger")
            assert "permission denied" in fails("--text")
    finally:
        reported.execute("drop role stranger")
