"""The same models give the same rows on Spark, from the files of an extract, as on PostgreSQL."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.partitions import extract_partitioned
from tests.conftest import CHECKOUT
from tests.dbt_project.conftest import FIRST_LOAD, SECOND_LOAD
from tests.dbt_project.engines import assert_equal_rows, columns_of, load_everything_hostile
from tests.dbt_project.warehouse import TABLES, Dbt, Warehouse

pytestmark = pytest.mark.spark

# Neither engine may ask where it is.
ELSEWHERE = {"TZ": "America/Mexico_City"}


class Spark:
    """Builds with Spark in processes of their own, with all that they write in one directory."""

    def __init__(self, directory: Path) -> None:
        self.tables = directory / "tables"
        self.extract = directory / "extract"
        self._work = directory / "work"
        self._work.mkdir()
        self._temporary = directory / "temporary"
        self._temporary.mkdir()
        self._environment = {
            **os.environ,
            **ELSEWHERE,
            "SPARK_DIRECTORY": str(self.tables),
            "EXTRACT_LOCATION": str(self.extract),
            "DBT_TARGET_PATH": str(directory / "target"),
            "DBT_LOG_PATH": str(directory / "logs"),
            "PYTHONPATH": str(CHECKOUT),
            # Statements that run once are not worth an optimizing compiler.
            "JAVA_TOOL_OPTIONS": f'-Djava.io.tmpdir="{self._temporary}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
        }

    def build(self, *arguments: str) -> None:
        """Build and test the models from what is extracted."""
        command = [str(Path(sys.executable).with_name("dbt")), "build", "--target", "spark", "--no-use-colors"]
        paths = ["--project-dir", str(CHECKOUT / "dbt_project"), "--profiles-dir", str(CHECKOUT)]
        done = subprocess.run(
            [*command, *paths, *arguments],
            cwd=self._work,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def rows(self, columns: Mapping[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of tables and views, by name."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.dbt_project.spark_rows", str(self.tables)],
            cwd=self._work,
            env=self._environment,
            input=json.dumps(columns).encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return dict(pickle.loads(done.stdout))

    @property
    def litter(self) -> list[Path]:
        """What was written where it was called, and where Java has temporary files."""
        return [*self._work.iterdir(), *self._temporary.iterdir()]


@pytest.fixture
def spark(tmp_path: Path) -> Spark:
    # In a path of which programs that split at spaces would make two.
    directory = tmp_path / "on spark"
    directory.mkdir()
    return Spark(directory)


def test_its_rows_are_those_of_postgresql(warehouse: Warehouse, dbt: Dbt, spark: Spark, tmp_path: Path) -> None:
    def build() -> None:
        dbt(*TABLES)
        extract_partitioned(spark.extract)
        # Most of these rows are meant to be refused.
        spark.build("--exclude-resource-type", "unit_test", "--exclude", "reject_ratio")
        assert spark.litter == []

    load_everything_hostile(warehouse, tmp_path)
    build()

    assert_equal_rows(warehouse, spark.rows)

    # All of it removed, and other rows loaded.
    for (load_id,) in warehouse.query("select load_id from raw.loads"):
        warehouse.remove(load_id)
    warehouse.load(SECOND_LOAD)
    warehouse.load(FIRST_LOAD[:5])
    build()

    # Nothing is rejected as unreadable any more, and nothing is translated.
    columns = {name: columns for name, columns in columns_of(warehouse).items() if name != "stg_rejected_rows"}
    found = spark.rows(columns)
    for relation, names in columns.items():
        assert set(found[relation]) == set(warehouse.query(f"select {', '.join(names)} from analytics.{relation}"))
    assert len(found["charges"]) == len(warehouse.expected().charges)
