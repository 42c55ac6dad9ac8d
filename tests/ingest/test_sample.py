"""The sample: the same from the same seed, with as many defects as it says."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from ingest.errors import ExtractError
from ingest.sample import DEFECTS_PER_BLOCK, HEADER, LINE_END, STATUSES, write_sample


def rows_of(path: Path) -> list[list[str]]:
    lines = path.read_bytes().split(LINE_END)
    assert lines[0] == HEADER
    assert lines[-1] == b""
    return list(csv.reader(line.decode() for line in lines[1:-1]))


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    written = [write_sample(tmp_path / name, rows=300, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    contents = [Path(report.output).read_bytes() for report in written]

    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_what_is_no_file_is_not_replaced_by_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ExtractError, match="the path exists and is not a file. Choose another --output"):
        write_sample(pipe, rows=1, seed=1)
    assert pipe.is_fifo()


def test_it_has_the_defects_that_it_says(tmp_path: Path) -> None:
    report = write_sample(tmp_path / "sample.csv", rows=20_000, seed=3, companies=4, days=30)
    rows = rows_of(tmp_path / "sample.csv")
    found = Counter(
        {
            "missing_id": sum(not row[0] for row in rows),
            "blank_name": sum(not row[1] for row in rows),
            "garbled_name": sum("0xFFFF" in row[1] for row in rows),
            "blank_company_id": sum(not row[2] for row in rows),
            "masked_company_id": sum(row[2] == "*******" for row in rows),
            "amount_too_large": sum(float(row[3]) >= 1e14 for row in rows),
            "amount_outlier": sum(1e9 <= float(row[3]) < 1e14 for row in rows),
            "amount_float_noise": sum(len(row[3].partition(".")[2]) > 2 and float(row[3]) < 1e9 for row in rows),
            "unknown_status": sum(row[4] not in STATUSES for row in rows),
            "compact_date": sum(len(row[5]) == 8 for row in rows),
            "timestamp_for_date": sum("T" in row[5] for row in rows),
        }
    )

    assert dict(found) == report.defects == {name: 2 * count for name, count in DEFECTS_PER_BLOCK.items()}
    assert len({row[0] for row in rows if row[0]}) == 20_000 - report.defects["missing_id"]
    assert len({row[2] for row in rows if len(row[2]) == 40}) == 4
    assert {row[4] for row in rows} >= set(STATUSES)
    assert {len(row) for row in rows} == {7}


@pytest.mark.parametrize("rows", [0, 1, 9_999, 10_001])
def test_it_has_as_many_rows_as_asked_for(tmp_path: Path, rows: int) -> None:
    write_sample(tmp_path / "sample.csv", rows=rows, seed=1)

    assert len(rows_of(tmp_path / "sample.csv")) == rows
