"""Extracts of a schema: whole files of one snapshot, of what is described, and nothing of anybody else's."""

import json
import threading
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest import extract_schema
from ingest.errors import ExtractError
from ingest.schema_extract import METADATA
from tests.conftest import query
from tests.ingest.program import run

MARTS = """
create schema marts;
create table marts.charges as select n as id, n * 0.01 as amount from generate_series(1, 1000) as numbers(n);
alter table marts.charges alter amount type numeric(16, 2);
create view marts.totals as select sum(amount) as total from marts.charges;
create table marts."odd name" (text text);
create table marts.notes as select 'nobody described me' as text;
comment on table marts.charges is 'One row per charge.';
comment on view marts.totals is 'Their sum.';
comment on table marts."odd name" is 'Empty.';
select 1
"""


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_described_tables_and_views_are_written_and_nothing_else(database: str, tmp_path: Path) -> None:
    query(database, MARTS)
    report = extract_schema("marts", tmp_path / "marts")

    assert report.rows == {"charges": 1000, "odd name": 0, "totals": 1}
    assert files(tmp_path / "marts") == [".lock", METADATA, "charges.parquet", "odd name.parquet", "totals.parquet"]
    total = pq.read_table(tmp_path / "marts" / "totals.parquet").column("total").to_pylist()
    assert total == [Decimal("5005.00")]
    metadata = json.loads((tmp_path / "marts" / METADATA).read_bytes())
    assert {name: one["rows"] for name, one in metadata["relations"].items()} == report.rows
    assert metadata["relations"]["charges"]["relation"] == "marts.charges"


def test_all_files_are_of_one_snapshot(database: str, tmp_path: Path) -> None:
    query(database, MARTS)
    begun = threading.Event()
    extracted = []

    def block_was_read(_: int) -> None:
        begun.set()
        written.wait()

    written = threading.Event()
    extract = threading.Thread(
        target=lambda: extracted.append(extract_schema("marts", tmp_path, on_progress=block_was_read))
    )
    extract.start()
    begun.wait()
    query(database, "insert into marts.charges values (0, 1000000); select 1")
    written.set()
    extract.join()

    assert extracted[0].rows["charges"] == 1000
    assert pq.read_table(tmp_path / "totals.parquet").column("total").to_pylist() == [Decimal("5005.00")]


def test_what_vanished_is_removed_and_what_others_put_there_stays(database: str, tmp_path: Path) -> None:
    query(database, MARTS)
    extract_schema("marts", tmp_path)
    (tmp_path / "mine.parquet").write_bytes(b"mine")
    (tmp_path / ".charges.parquet.part").write_bytes(b"left behind by a kill")
    query(database, "drop view marts.totals; select 1")
    extract_schema("marts", tmp_path)

    assert files(tmp_path) == [".lock", METADATA, "charges.parquet", "mine.parquet", "odd name.parquet"]


def test_a_failure_leaves_the_files_of_the_last_extract(database: str, tmp_path: Path) -> None:
    query(database, MARTS)
    extract_schema("marts", tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
    query(database, "insert into marts.charges values (0, 1); select 1")
    # Of the relations, this view is read after charges, and fails.
    query(database, "create view marts.zero as select 1 / (id - id) as one from marts.charges; select 1")
    query(database, "comment on view marts.zero is 'Fails.'; select 1")
    with pytest.raises(ExtractError, match="marts cannot be read"):
        extract_schema("marts", tmp_path)

    after = {name: (tmp_path / name).read_bytes() for name in before}
    assert after == before
    query(database, "drop view marts.zero; select 1")
    assert extract_schema("marts", tmp_path).rows["charges"] == 1001
    assert files(tmp_path) == sorted(before)


@pytest.mark.parametrize("schema", ["nothing", "public", "", "no such 'schema\""])
def test_a_schema_without_marts_is_one_line(database: str, schema: str) -> None:
    done = run("extract", "--schema", schema)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: The schema {schema!r} has no table or view with a description: build the models first (dbt build).\n"
    )


def test_the_command_says_what_it_wrote(database: str, tmp_path: Path) -> None:
    query(database, MARTS)
    done = run("extract", "--schema", "marts", "--output", str(tmp_path / "marts"))

    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == [
        f"Extracted 3 tables and views to {tmp_path / 'marts'}",
        "  charges   1,000 rows",
    ]
    assert json.loads(run("extract", "--schema", "marts", "--output", str(tmp_path), "--json").stdout)["rows"] == {
        "charges": 1000,
        "odd name": 0,
        "totals": 1,
    }


@pytest.mark.parametrize("options", [["--relation", "a.b"], ["--format", "csv"], ["--partition-by-load"]])
def test_what_does_not_go_together_is_a_usage_error(database: str, options: list[str]) -> None:
    assert run("extract", "--schema", "marts", *options).returncode == 2
