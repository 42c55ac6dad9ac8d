"""The same models give the same rows on Spark, from the files of an extract, as on PostgreSQL."""

import itertools
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest import DataLoader
from ingest.partitions import extract_partitioned
from ingest.sample import write_sample
from tests.conftest import CHECKOUT
from tests.dbt_project.conftest import FIRST_LOAD, SECOND_LOAD
from tests.dbt_project.hostile_values import ACME, AMOUNTS, TIMES, random_rows, rows_of_texts
from tests.dbt_project.test_formats import GOLDEN
from tests.dbt_project.warehouse import TABLES, Dbt, Warehouse

pytestmark = pytest.mark.spark

# Everything that a row of a file can become, the views among it.
RELATIONS = (
    "stg_loads",
    "stg_formats",
    "stg_format_statuses",
    "stg_format_time_zones",
    "stg_transactions",
    "stg_rejected_rows",
    "int_company_names",
    "int_companies",
    "companies",
    "charges",
    "rejected_transactions",
    "superseded_transactions",
    "daily_transaction_summary",
    "daily_transactions",
    "daily_charge_outcomes",
    "load_outcomes",
    "load_totals",
    "days",
    "business_day",
)

# What Java takes for the end of a line, and its regular expressions for the end of a text.
LINE_ENDS = ("\n", "\r", "\r\n", "\v", "\f", "\u0085", "\u2028", "\u2029")

UNREADABLE = [
    ("invalid_encoding", bytes(range(256))),
    ("nul_byte", b"a\x00b\\c"),
    ("wrong_field_count", b""),
    ("stray_quote", '"\u00e9" \U0001f600\n'.encode()),
]

# A format that is as far from the standard one as any, and values that it may have.
SHOP = """
provider = "shop"
[file]
delimiter = ";"
[columns]
id = "id"
amount = "amount"
amount_refunded = "refunded"
status = "status"
created_at = "date"
created_time = "time"
time_zone = "zone"
currency = "currency"
[values]
decimal_mark = ","
digit_group = "."
date_order = "day-month-year"
negative = "not_a_charge"
[statuses]
paid = ["Bezahlt", "g\u00fcltig"]
not_a_charge = ["Geb\u00fchr"]
[time_zones]
"Europe/Berlin" = ["MEZ"]
"America/New_York" = ["Eastern Time (US & Canada)"]
"Australia/Sydney" = ["S"]
"""
SHOP_AMOUNTS = (
    "1.234,56",
    "1234,5",
    "-1.234,56 \u20ac",
    "-\u20ac0,95",
    "+5",
    "12.34",
    "1,2,3",
    "1_000",
    "$",
    "-",
    "-0,00",
    "",
    ",5",
)
SHOP_DATES = ("05.06.2019", "5/6/2019", "31.03.2019", "27.10.2019", "2019-06-05", "30.02.2019", "01.01.0001", "now", "")
SHOP_TIMES = ("14:30", "2:30:00", "02:30:00", "24:00", "14:30:15.25", "14:30Z", "14:30:00-05:00", "")
SHOP_ZONES = ("MEZ", "mez ", "Eastern Time (US & Canada)", "S", "?", "")
SHOP_STATUSES = ("BEZAHLT", "g\u00fcltig", "G\u00fcltig", "G\u00dcLTIG", "Geb\u00fchr", "paid", "")

# Neither engine may ask where it is.
ELSEWHERE = {"TZ": "America/Mexico_City"}


class Spark:
    """Builds with Spark in processes of their own, with all that they write in one directory."""

    def __init__(self, directory: Path) -> None:
        self.tables = directory / "tables"
        self.extract = directory / "extract"
        self._work = directory / "work"
        self._work.mkdir()
        self._environment = {
            **os.environ,
            **ELSEWHERE,
            "SPARK_DIRECTORY": str(self.tables),
            "SPARK_EXTRACT": str(self.extract),
            "DBT_TARGET_PATH": str(directory / "target"),
            "DBT_LOG_PATH": str(directory / "logs"),
            "PYTHONPATH": str(CHECKOUT),
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

    def rows(self, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
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
        """What was written where it was called."""
        return list(self._work.iterdir())


@pytest.fixture
def spark(tmp_path: Path) -> Spark:
    # In a path of which programs that split at spaces would make two.
    directory = tmp_path / "on spark"
    directory.mkdir()
    return Spark(directory)


def columns_of(warehouse: Warehouse) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {relation: [] for relation in RELATIONS}
    for relation, column in warehouse.query(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'analytics' order by ordinal_position"
    ):
        # Each engine says when it changed a row itself.
        if relation in found and column != "changed_at":
            found[relation].append(column)
    return found


def assert_equal_rows(warehouse: Warehouse, spark: Spark) -> None:
    columns = columns_of(warehouse)
    found = spark.rows(columns)
    for relation in RELATIONS:
        expected = warehouse.query(f"select {', '.join(columns[relation])} from analytics.{relation}")
        assert expected, relation
        if relation == "daily_transaction_summary":
            assert found[relation] == expected
        different = set(found[relation]) ^ set(expected)
        assert not different, "\n".join([relation, *sorted(map(repr, different))[:10]])
        assert len(found[relation]) == len(expected), relation


def rows_of_shop() -> Iterator[str]:
    """Records of a file of that format, each with a value or two that may be read in another way."""
    plain = ("1,00", "", "Bezahlt", "05.06.2019", "14:30", "MEZ", "USD")
    pairs = [
        *((amount, "", *plain[2:]) for amount in SHOP_AMOUNTS),
        *(("10,00", refunded, *plain[2:]) for refunded in SHOP_AMOUNTS),
        *((*plain[:2], status, *plain[3:]) for status in SHOP_STATUSES),
        *((*plain[:6], currency) for currency in ("usd", " USD\t", "EUR", "")),
        *((*plain[:3], *clock, plain[6]) for clock in itertools.product(SHOP_DATES, SHOP_TIMES, SHOP_ZONES)),
    ]
    for number, values in enumerate(pairs):
        yield ";".join([f"s{number}\u00a0", *values])


def test_hostile_values_and_the_sample_become_the_same(
    warehouse: Warehouse, dbt: Dbt, spark: Spark, tmp_path: Path
) -> None:
    # Made by ingest, which goes on with it below.
    warehouse.execute("drop schema raw cascade")
    DataLoader().migrate_raw_schema()

    ends = [end for end in LINE_ENDS for end in (end, end * 2)]
    warehouse.load([], UNREADABLE)
    warehouse.load((f"a{n}", *ACME, text, "paid", "2019-05-16", None) for n, text in enumerate(AMOUNTS))
    warehouse.load((f"t{n}", *ACME, "1", "paid", text, text) for n, text in enumerate(TIMES))
    warehouse.load(rows_of_texts())
    warehouse.load(random_rows(2000))
    warehouse.load((f"id{end}", *ACME, "1", "paid", "2019-05-16", None) for end in ends)
    warehouse.load((f"c{n}", "Acme", f"acme{end}", "1", "paid", "2019-05-16", None) for n, end in enumerate(ends))
    warehouse.load((f"n{n}", f"Acme{end}", "acme", "1", "paid", "2019-05-16", None) for n, end in enumerate(ends))
    warehouse.load((f"m{n}", *ACME, f"1.50{end}", "paid", "2019-05-16", None) for n, end in enumerate(ends))
    warehouse.load((f"s{n}", *ACME, "1", f"paid{end}", "2019-05-16", None) for n, end in enumerate(ends))
    for form in ("2019-05-16", "20190516", "2019-02-27T23:59:59Z", "2019-02-27 00:59:59+05:30"):
        warehouse.load((f"d{form}{n}", *ACME, "1", "paid", f"{form}{end}", None) for n, end in enumerate(ends))

    for golden in GOLDEN:
        golden.load()
    shop = tmp_path / "shop.toml"
    shop.write_text(SHOP, encoding="utf-8")
    shop_file = tmp_path / "shop.csv"
    shop_file.write_text(
        "\n".join(["id;amount;refunded;status;date;time;zone;currency", *rows_of_shop()]), encoding="utf-8"
    )
    constants = {"company_id": "acme", "name": "Acme"}
    DataLoader().load_csv_to_database(str(shop_file), format_name=str(shop), constants=constants)

    sample = tmp_path / "sample.csv"
    write_sample(sample, rows=10_000, seed=1)
    for file in (sample, os.environ.get("TRANSACTIONS_CSV")):
        if file:
            DataLoader().load_csv_to_database(str(file))

    dbt(*TABLES)
    extract_partitioned(spark.extract)
    # Most of these rows are meant to be refused.
    spark.build("--exclude-resource-type", "unit_test", "--exclude", "reject_ratio")

    assert_equal_rows(warehouse, spark)
    assert spark.litter == []


def test_what_is_removed_added_and_loaded_again_becomes_the_same(
    warehouse: Warehouse, dbt: Dbt, spark: Spark, tmp_path: Path
) -> None:
    first = warehouse.load(FIRST_LOAD, UNREADABLE)
    dbt(*TABLES)
    extract_partitioned(spark.extract)
    spark.build("--exclude-resource-type", "unit_test", "--exclude", "reject_ratio")

    warehouse.load(SECOND_LOAD)
    warehouse.remove(first)
    warehouse.load(FIRST_LOAD[:5])
    dbt(*TABLES)
    extract_partitioned(spark.extract)
    spark.build("--exclude-resource-type", "unit_test", "--exclude", "reject_ratio")

    # Nothing is rejected as unreadable any more, and nothing is translated.
    columns = {name: columns for name, columns in columns_of(warehouse).items() if name != "stg_rejected_rows"}
    found = spark.rows(columns)
    for relation, names in columns.items():
        assert set(found[relation]) == set(warehouse.query(f"select {', '.join(names)} from analytics.{relation}"))
    assert len(found["charges"]) == len(warehouse.expected().charges)
