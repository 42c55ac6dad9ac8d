"""The program as a user meets it: what it prints, where, and its exit codes."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from ingest import DataLoader
from ingest.cli import program
from tests.conftest import CHECKOUT, query
from tests.ingest.program import run

HEADER = "id,name,company_id,amount,status,created_at,paid_at\n"


def test_without_a_command_it_loads_extracts_and_reports(database: str, tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + "1,2,3,4,5,6,7\nragged\n")
    done = run(directory=tmp_path, INGEST_INPUT=str(path))

    assert (done.returncode, done.stderr) == (0, "")
    assert "Loaded payments.csv as load 1\n  rows read            2\n  rows loaded          1\n" in done.stdout
    assert "    wrong_field_count  1\n" in done.stdout
    assert "row 2: wrong_field_count: ragged\n" in done.stdout
    assert "Extracted 1 row from raw.raw_transactions to exports/raw.raw_transactions.parquet" in done.stdout
    assert pq.read_table(tmp_path / "exports" / "raw.raw_transactions.parquet").column("id").to_pylist() == ["1"]


def test_without_a_command_and_a_file_it_makes_the_sample(database: str, tmp_path: Path) -> None:
    first, second = run(directory=tmp_path), run("--json", directory=tmp_path)

    assert first.stdout.startswith("Loaded sample.csv as load 1\n  rows read      10,000\n")
    assert json.loads(second.stdout)["load"]["status"] == "already loaded"
    assert query(database, "select count(*) from raw.raw_transactions") == [(10_000,)]


def test_many_files_patterns_and_their_reports_as_json(database: str, tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.csv").write_text(HEADER + f"{name},2,3,4,5,6,7\n")
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress((HEADER + "a,2,3,4,5,6,7\n").encode()))
    patterns = [str(tmp_path / name) for name in ("missing*.csv", "*.csv", "c.csv.gz")]
    done = run("load", "--json", *patterns)

    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(load["source_name"], load["status"]) for load in report["loads"]] == [
        ("a.csv", "loaded"),
        ("b.csv", "loaded"),
        ("c.csv.gz", "already loaded"),
    ]
    assert report["errors"] == [
        f"{tmp_path}/missing*.csv: No such file or directory. Check the path and its permissions."
    ]
    assert done.stderr == f"Error: {report['errors'][0]}\n"
    assert query(database, "select id from raw.raw_transactions order by _load_id") == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["load", "nowhere.csv"], 1, "nowhere.csv: No such file"),
        (["load", "docs"], 1, "docs: this is a directory. Name its files, such as 'docs/*.csv'."),
        (["load", ""], 1, "The name of the file is empty: name a file"),
        (["extract", "--output", ""], 2, "'--output': the path is empty."),
        (["extract", "--partition-by-load", "--output", ""], 2, "'--output': the path is empty."),
        (["sample", "--output", ""], 2, "'--output': the path is empty."),
        (["load", "nothing*.csv"], 1, "nothing*.csv: No such file"),
        (["load", "--encoding", "klingon", "-"], 1, "Unknown encoding 'klingon'"),
        (["load", "--encoding", "undefined", "-"], 1, "Unknown encoding 'undefined'"),
        (["load", "--encoding", "punycode", "-"], 1, "cannot be read as punycode"),
        (["load", "--max-rejects", "0", "-"], 3, "more than the maximum of 0 rows cannot be read"),
        (["load", "--delimiter", "x", "-"], 2, "use , ; | or tab"),
        (["load"], 2, "Missing argument"),
        (["load", "--lock-timeout", "-1", "-"], 2, "-1.0 is not in the range x>=0"),
        (["--lock-timeout", "1", "validate"], 2, "Write --lock-timeout after the command"),
        (["extract", "--relation", "raw.nothing"], 1, "There is no relation"),
        (["load", "name" * 100], 1, "File name too long"),
        (["sample", "--output", "/proc/x/y.csv"], 1, "Choose another --output"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_what_is_wrong_is_one_line_and_an_exit_code(database: str, arguments: list[str], code: int, says: str) -> None:
    done = run(*arguments, text=HEADER + "1,2,3\n")

    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert done.returncode == code
    assert len(errors) == 1
    assert says in errors[0]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


# In blocks of 1 KiB: none at all is no temporary directory either.
@pytest.mark.parametrize("largest_file", [0, 512])
def test_no_room_for_rejected_rows_is_one_line(database: str, largest_file: int) -> None:
    done = subprocess.run(
        ["bash", "-c", f'ulimit -f {largest_file}; exec "$0" -m ingest load -', sys.executable],
        cwd=CHECKOUT,
        input=HEADER + "1,2,3,4,5,6,7\n" + f"{'ragged' * 100}\n" * 2_000,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("Error: -: the load was interrupted and rolled back: the temporary file of ")
    assert done.stderr.count("\n") == 1
    assert query(database, "select to_regclass('raw.loads')") == [(None,)]


def test_a_closed_standard_input_is_one_line(database: str) -> None:
    done = subprocess.run(
        ["bash", "-c", 'exec "$0" -m ingest load - <&-', sys.executable], cwd=CHECKOUT, capture_output=True, check=False
    )

    assert (done.returncode, done.stderr) == (1, b"Error: Standard input is closed: name a file instead of -.\n")


def test_a_standard_input_that_does_not_wait_is_one_line(database: str) -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "load", "-"], cwd=CHECKOUT, stdin=reader, capture_output=True, check=False
    )
    os.close(reader)
    os.close(writer)

    assert (done.returncode, done.stderr) == (1, b"Error: -: cannot be read (Resource temporarily unavailable).\n")


def test_an_unreachable_server_is_one_line() -> None:
    done = run("load", "-", text=HEADER, PGHOST="127.0.0.1", PGPORT="1")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: No connection to PostgreSQL: ")
    assert done.stderr.count("\n") == 1


def test_remove_says_what_it_removed(database: str) -> None:
    none = run("remove", "1")
    assert none.stderr == (
        "Error: Load 1 does not exist, so nothing was removed: list the loads with python -m ingest validate.\n"
    )
    run("load", "-", text=HEADER + "1,2,3,4,5,6,7\n")
    done = run("remove", "1")
    assert (none.returncode, done.returncode) == (1, 0)
    assert done.stdout == "Removed load 1 (-, 1 row)\nThe next dbt build removes the rows from the marts.\n"


def test_validate_says_what_is_lost(database: str) -> None:
    assert run("validate").stdout == "Nothing is loaded yet. Load a file with `python -m ingest load FILE`.\n"
    run("load", "-", text=HEADER + "1,2,3,4,5,6,7\n2,2,3,4,5,6,7\n")
    whole = run("validate")
    assert whole.returncode == 0
    assert whole.stdout == (
        "All loads, recounted\n"
        "load  rows read  loaded  rejected  recount  file\n"
        "   1          2       2         0  agrees   -\n"
    )
    query(database, "delete from raw.raw_transactions where id = '1'; select 1")
    done = run("validate", "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["loads"][0]["found_loaded"] == 1


def test_a_recount_that_the_server_refuses_is_one_line(database: str) -> None:
    run("load", "-", text=HEADER + "1,2,3,4,5,6,7\n")
    query(database, "alter table raw.raw_transactions rename to lost; select 1")
    done = run("validate")

    assert done.returncode == 1
    assert done.stderr == 'Error: PostgreSQL refused the recount: relation "raw.raw_transactions" does not exist.\n'


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (["load", "-"], "-: PostgreSQL refused the load, which was rolled back: "),
        (["remove", "1"], "PostgreSQL refused the removal, which was rolled back: "),
        (["migrate"], "PostgreSQL refused the migration, which was rolled back: "),
        (["validate"], "PostgreSQL refused the recount: "),
        (["extract"], "raw.raw_transactions cannot be read: "),
    ],
)
def test_a_missing_privilege_comes_with_advice(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], begins: str
) -> None:
    monkeypatch.chdir(tmp_path)
    DataLoader().migrate_raw_schema()
    role = f"nobody_of_{database.rpartition('=')[2]}"
    query(database, f"create role {role}; grant usage on schema raw to {role}; select 1")
    try:
        done = CliRunner().invoke(program, arguments, input=HEADER, env={"PGOPTIONS": f"-c role={role}"})
    finally:
        query(database, f"drop owned by {role}; drop role {role}; select 1")

    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {begins}permission denied for ")
    assert done.stderr.endswith(". Connect as another role (PGUSER), or ask the owner to grant the privilege.\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", program.commands)
def test_every_command_and_option_is_documented(name: str) -> None:
    command = program.commands[name]

    assert command.help
    assert [option.opts for option in command.params if isinstance(option, click.Option) and not option.help] == []


def test_the_help_does_not_import_arrow() -> None:
    script = "import sys, ingest.cli; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
