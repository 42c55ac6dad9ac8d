"""The same models give the same rows in a file of DuckDB's, from the files of an extract, as on PostgreSQL."""

import random
import shutil
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from ingest.partitions import extract_partitioned
from tests.dbt_project.conftest import FIRST_LOAD, SECOND_LOAD
from tests.dbt_project.engines import UNREADABLE, assert_equal_rows, columns_of, load_everything_hostile
from tests.dbt_project.warehouse import CHECKED, TABLES, Dbt, Warehouse

AMOUNTS = 200_000


class DuckDB:
    """Builds a file from an extract, with dbt in this process."""

    def __init__(self, directory: Path, dbt: Dbt) -> None:
        self.extract = directory / "extract"
        self.file = directory / "built.duckdb"
        self._dbt = dbt
        # What dbt has read for PostgreSQL stays where it is.
        self._options = ["--target", "duckdb", *dbt.elsewhere(dbt.directory / "duckdb")]

    def build(self, *arguments: str) -> None:
        """Build the models from what is extracted."""
        self._dbt(*arguments, *self._options)

    def compile(self, template: str) -> str:
        """What a template is compiled to."""
        return self._dbt.compile(template, *self._options)

    def rows(self, columns: Mapping[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of tables and views, by name: without the extract, and in a file of another name."""
        shutil.move(self.extract, self.extract.with_name("moved"))
        copy = shutil.copy(self.file, self.file.with_name("handed around.duckdb"))
        with duckdb.connect(copy, read_only=True) as connection:
            found = {
                table: connection.execute(f"select {', '.join(names)} from analytics.{table}").fetchall()
                for table, names in columns.items()
            }
        shutil.move(self.extract.with_name("moved"), self.extract)
        return found


@pytest.fixture
def on_duckdb(tmp_path: Path, dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> Iterator[DuckDB]:
    # In a path that has to be quoted.
    directory = tmp_path / "it's on duckdb"
    directory.mkdir()
    built = DuckDB(directory, dbt)
    monkeypatch.setenv("EXTRACT_LOCATION", str(built.extract))
    monkeypatch.setenv("DUCKDB_PATH", str(built.file))
    yield built
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def random_amounts(count: int) -> Iterator[str]:
    """Numbers in every form that an amount may have, near the limits of what fits and of what rounds to a cent."""
    chance = random.Random(1)
    for _ in range(count):
        # Digits that are often those of a limit.
        alphabet = chance.choice(["0123456789", "9", "059", "04999"])
        digits = "".join(chance.choices(alphabet, k=chance.choice([1, 2, 8, 16, 17, 18, 40])))
        point = chance.randint(0, len(digits))
        number = chance.choice(["", "", "+"]) + chance.choice(["", "", "0000"]) + digits[:point]
        if point < len(digits) or chance.random() < 0.5:
            number += "." + digits[point:]
        if chance.random() < 0.6:
            # Often one with which the number is just below or just above the largest, or a cent.
            exponent = chance.choice([chance.randint(-45, 45), 14 - point, -2 - point]) + chance.randint(-1, 1)
            number += chance.choice("eE") + f"{exponent:{chance.choice(['', '+', '03', '+05'])}}"
        yield number


def exact(text: str) -> Decimal | None:
    """What an amount is worth, by Python's decimals; None where it does not fit."""
    with localcontext(prec=200):
        amount = Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return amount if amount < 10**14 else None


def test_hostile_values_and_the_sample_become_the_same(
    warehouse: Warehouse, dbt: Dbt, on_duckdb: DuckDB, tmp_path: Path
) -> None:
    load_everything_hostile(warehouse, tmp_path)
    dbt(*TABLES)
    extract_partitioned(on_duckdb.extract)
    # Most of these rows are meant to be refused.
    on_duckdb.build(*CHECKED, "--exclude", "reject_ratio")

    assert_equal_rows(warehouse, on_duckdb.rows)


@pytest.mark.slow
@pytest.mark.nightly
def test_what_is_removed_added_and_loaded_again_becomes_the_same(
    warehouse: Warehouse, dbt: Dbt, on_duckdb: DuckDB
) -> None:
    first = warehouse.load(FIRST_LOAD, UNREADABLE)
    extract_partitioned(on_duckdb.extract)
    on_duckdb.build(*TABLES)

    warehouse.load(SECOND_LOAD)
    warehouse.remove(first)
    warehouse.load(FIRST_LOAD[:5])
    dbt(*TABLES)
    extract_partitioned(on_duckdb.extract)
    # With the unit tests of all rules.
    on_duckdb.build("build")

    # Nothing is rejected as unreadable any more, and nothing is translated.
    columns = {name: columns for name, columns in columns_of(warehouse).items() if name != "stg_rejected_rows"}
    found = on_duckdb.rows(columns)
    for relation, names in columns.items():
        assert set(found[relation]) == set(warehouse.query(f"select {', '.join(names)} from analytics.{relation}"))
    assert len(found["charges"]) == len(warehouse.expected().charges)


def test_random_amounts_are_rounded_and_refused_to_the_cent(on_duckdb: DuckDB) -> None:
    texts = list(random_amounts(AMOUNTS))
    expression = on_duckdb.compile("select {{ parse_amount('amount') }}").removeprefix("select ")
    with duckdb.connect() as connection:
        found = connection.execute(f"select amount, {expression} from (select unnest(?) as amount)", [texts]).fetchall()
    assert len(found) == AMOUNTS
    wrong = [(text, amount, exact(text)) for text, amount in found if amount != exact(text)]
    assert not wrong, wrong[:10]
    assert sum(amount is not None for _, amount in found) > AMOUNTS / 2
