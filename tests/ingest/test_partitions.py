"""The extract partitioned by load: what readers see is always a state that the warehouse had."""

import json
import os
import re
import signal
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from ingest import DataLoader
from ingest.errors import ExtractError
from ingest.partitions import LOADS, METADATA, ROWS, extract_partitioned
from tests import killable
from tests.conftest import query
from tests.ingest.program import run
from tests.waiting import wait_until
from warehouse.files import locked

HEADER = "id,name,company_id,amount,status,created_at,paid_at\n"


def load(tmp_path: Path, content: str, *, force: bool = False) -> int:
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + content)
    return DataLoader().load_csv_to_database(str(path), force=force).load_id


def visible(directory: Path, table: str) -> list[tuple[Any, ...]]:
    """The rows of listed loads, found as Spark finds them: by directory, without names that start with a dot or `_`."""
    listed = pq.read_table(directory / LOADS).column("load_id").to_pylist()
    found = ds.dataset(directory / table, partitioning="hive").to_table().to_pylist()
    return sorted(tuple(row.values())[:-1] for row in found if row["load"] in listed)


def assert_is_the_warehouse(directory: Path, database: str) -> None:
    for table in ("raw_transactions", "rejected_rows"):
        rows = [
            tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
            for row in query(database, f"select * from raw.{table}")
        ]
        assert visible(directory, table) == sorted(rows)
    loads = query(database, "select * from raw.loads order by load_id")
    assert [tuple(row.values()) for row in pq.read_table(directory / LOADS).sort_by("load_id").to_pylist()] == loads
    names = sorted(f"load={row[0]}" for row in loads)
    for table in ("raw_transactions", "rejected_rows"):
        assert sorted(path.name for path in (directory / table).iterdir()) == names
    assert [path.name for path in (directory / LOADS).parent.iterdir()] == [LOADS.name]


def test_it_holds_the_raw_schema(database: str, tmp_path: Path) -> None:
    load(tmp_path, "1,2,3,4,5,6,7\nragged\n8,,,,,,\n")
    load(tmp_path, "1,2,3,4,5,6,7\n")
    report = extract_partitioned(tmp_path / "out")

    assert (report.loads, report.loads_added, report.loads_removed, report.rows_added) == (2, (1, 2), (), 4)
    assert_is_the_warehouse(tmp_path / "out", database)


def test_what_lies_beside_a_file_describes_it(database: str, tmp_path: Path) -> None:
    load(tmp_path, "1,2,3,4,5,6,7\n")
    extract_partitioned(tmp_path / "out")
    partition = tmp_path / "out" / "raw_transactions" / "load=1"
    described = json.loads((partition / METADATA).read_text())

    assert sorted(path.name for path in partition.iterdir()) == [METADATA, ROWS]
    assert (described["relation"], described["load_id"], described["rows"]) == ("raw.raw_transactions", 1, 1)
    assert described["bytes"] == (partition / ROWS).stat().st_size
    assert partition.stat().st_mode & 0o555 == 0o555


def written(out: Path) -> dict[Path, tuple[int, ...]]:
    """Which files are there, and when each of them was written; when one was last read does not matter."""
    found = {path: path.stat() for path in out.rglob("*.parquet")}
    return {path: (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns) for path, stat in found.items()}


def test_only_what_is_new_is_written(database: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    load(tmp_path, "1,2,3,4,5,6,7\n")
    extract_partitioned(out)
    before = written(out)

    assert extract_partitioned(out).loads_added == ()
    assert written(out) == before

    load(tmp_path, "2,2,3,4,5,6,7\n")
    assert extract_partitioned(out).loads_added == (2,)
    after = written(out)
    assert all(after[path] == before[path] for path in before if path.name == ROWS)
    assert_is_the_warehouse(out, database)


def test_a_forced_reload_replaces_the_load(database: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    load(tmp_path, "1,2,3,4,5,6,7\n")
    extract_partitioned(out)
    load(tmp_path, "1,2,3,4,5,6,7\n", force=True)
    report = extract_partitioned(out)

    assert (report.loads_added, report.loads_removed) == ((2,), (1,))
    assert_is_the_warehouse(out, database)


def test_a_removed_load_goes_and_an_empty_warehouse_is_an_empty_list(database: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    load(tmp_path, "1,2,3,4,5,6,7\n")
    extract_partitioned(out)
    query(database, "delete from raw.raw_transactions; delete from raw.loads returning 1")

    assert extract_partitioned(out).loads_removed == (1,)
    assert pq.read_table(out / LOADS).num_rows == 0
    assert list((out / "raw_transactions").iterdir()) == []


def test_a_partition_that_somebody_deleted_is_written_again(database: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    load(tmp_path, "1,2,3,4,5,6,7\n")
    extract_partitioned(out)
    partition = out / "raw_transactions" / "load=1"
    for file in partition.iterdir():
        file.unlink()
    partition.rmdir()

    assert extract_partitioned(out).loads_added == (1,)
    assert_is_the_warehouse(out, database)


def extract_and_die(directory: Path, database: str, renames: int) -> None:
    """Extract, and be killed at the n-th change of a name."""
    original = Path.rename
    count = 0

    def rename(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count > renames:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(self, target)

    Path.rename = Path.replace = rename  # type: ignore[method-assign, assignment]
    extract_partitioned(directory, database)


@pytest.mark.parametrize("renames", range(6))
def test_killed_anywhere_readers_see_the_old_state_and_the_next_one_completes_it(
    database: str, tmp_path: Path, renames: int
) -> None:
    out = tmp_path / "out"
    load(tmp_path, "1,2,3,4,5,6,7\n")
    load(tmp_path, "2,2,3,4,5,6,7\nragged\n")
    extract_partitioned(out)
    before = {table: visible(out, table) for table in ("raw_transactions", "rejected_rows")}
    load(tmp_path, "2,2,3,4,5,6,7\nragged\n", force=True)
    load(tmp_path, "3,2,3,4,5,6,7\n")

    # Two new loads are four partitions and then the list of loads.
    process = killable.start(extract_and_die, out, database, renames)
    process.join()

    assert process.exitcode == (0 if renames == 5 else -signal.SIGKILL)
    if renames < 5:
        assert {table: visible(out, table) for table in before} == before
    extract_partitioned(out)
    assert_is_the_warehouse(out, database)


def test_two_at_once_wait_for_each_other(database: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    load(tmp_path, "1,2,3,4,5,6,7\n")
    reports = []
    with locked(out / ".lock"):
        threads = [threading.Thread(target=lambda: reports.append(extract_partitioned(out))) for _ in range(2)]
        for thread in threads:
            thread.start()
        # As the kernel lists who waits for a lock of a file.
        waiting = re.compile(rf"-> FLOCK .*:{(out / '.lock').stat().st_ino} ")
        wait_until(lambda: len(waiting.findall(Path("/proc/locks").read_text())) == 2, "both to wait for the lock")
        assert reports == []
        assert not (out / LOADS).exists()
    for thread in threads:
        thread.join()

    assert sorted(report.loads_added for report in reports) == [(), (1,)]
    assert_is_the_warehouse(out, database)


def test_another_warehouse_is_refused_and_nothing_is_touched(database: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    load(tmp_path, "1,2,3,4,5,6,7\n")
    extract_partitioned(out)
    before = visible(out, "raw_transactions")
    query(database, "update raw.loads set sha256 = repeat('0', 64) returning 1")

    with pytest.raises(ExtractError, match="the loads of another warehouse .its load 1 is a different one.") as raised:
        extract_partitioned(out)
    assert "\n" not in str(raised.value)
    assert visible(out, "raw_transactions") == before


@pytest.mark.parametrize("content", ["nothing", "another table", "damaged"])
def test_a_list_of_loads_that_is_none_is_refused(database: str, tmp_path: Path, content: str) -> None:
    out = tmp_path / "out"
    load(tmp_path, "1,2,3,4,5,6,7\n")
    extract_partitioned(out)
    if content == "nothing":
        (out / LOADS).write_bytes(b"")
    elif content == "damaged":
        written = (out / LOADS).read_bytes()
        (out / LOADS).write_bytes(written[:-40] + b"\xff" * 30 + written[-10:])
    else:
        pq.write_table(pa.table({"x": [1]}), out / LOADS)

    with pytest.raises(ExtractError, match="is not a list of loads written by an extract") as raised:
        extract_partitioned(out)
    assert "\n" not in str(raised.value)


def test_the_servers_way_to_write_bytes_does_not_matter(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, "1,2,3,4,5,6,7\nragged\n")
    monkeypatch.setenv("PGOPTIONS", "-c bytea_output=escape")
    extract_partitioned(tmp_path / "out")

    assert_is_the_warehouse(tmp_path / "out", database)


def test_what_is_not_ours_in_the_directory_stays(database: str, tmp_path: Path) -> None:
    (tmp_path / "out" / "raw_transactions" / "theirs").mkdir(parents=True)
    load(tmp_path, "1,2,3,4,5,6,7\n")
    extract_partitioned(tmp_path / "out")

    assert (tmp_path / "out" / "raw_transactions" / "theirs").exists()


def test_without_a_raw_schema_it_says_what_to_do(database: str, tmp_path: Path) -> None:
    done = run("extract", "--partition-by-load", "--output", str(tmp_path / "out"))

    assert done.returncode == 1
    assert done.stderr == (
        "Error: The database has no raw schema to extract: load a file first (python -m ingest load FILE).\n"
    )


def test_as_a_program(database: str, tmp_path: Path) -> None:
    load(tmp_path, "1,2,3,4,5,6,7\n")
    done = run("extract", "--partition-by-load", "--json", "--output", str(tmp_path / "out"))
    assert (done.returncode, json.loads(done.stdout)["loads_added"]) == (0, [1])

    done = run("extract", "--partition-by-load", "--format", "csv")
    assert done.returncode == 2
    assert "--partition-by-load takes neither --relation nor --format." in done.stderr

    done = run("extract", "--output", str(tmp_path))
    assert done.returncode == 2
    assert "is a directory" in done.stderr
