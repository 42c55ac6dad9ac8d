"""The same models give the same rows on other engines: what their tests load, and how the rows are compared."""

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest import DataLoader
from ingest.sample import write_sample
from tests.dbt_project.hostile_values import ACME, AMOUNTS, TIMES, random_rows, rows_of_texts
from tests.dbt_project.test_formats import GOLDEN
from tests.dbt_project.warehouse import Warehouse

# Everything that a row of a file can become, the views among it.
RELATIONS = (
    "stg_loads",
    "stg_formats",
    "stg_format_statuses",
    "stg_format_time_zones",
    "stg_translated_transactions",
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

# The time at which an engine changed a row; and times as texts, which it writes in its own way if they are before the
# year 1. What they are read as is compared in the next model.
OF_AN_ENGINE = {
    ("charges", "changed_at"),
    ("stg_translated_transactions", "created_at"),
    ("stg_translated_transactions", "paid_at"),
}

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


def load_everything_hostile(warehouse: Warehouse, directory: Path) -> None:
    """Load what engines may read in different ways, files of other formats, the sample, and the real file if any."""
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
    shop = directory / "shop.toml"
    shop.write_text(SHOP, encoding="utf-8")
    shop_file = directory / "shop.csv"
    shop_file.write_text(
        "\n".join(["id;amount;refunded;status;date;time;zone;currency", *rows_of_shop()]), encoding="utf-8"
    )
    constants = {"company_id": "acme", "name": "Acme"}
    DataLoader().load_csv_to_database(str(shop_file), format_name=str(shop), constants=constants)

    sample = directory / "sample.csv"
    write_sample(sample, rows=10_000, seed=1)
    for file in (sample, os.environ.get("TRANSACTIONS_CSV")):
        if file:
            DataLoader().load_csv_to_database(str(file))


def columns_of(warehouse: Warehouse) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {relation: [] for relation in RELATIONS}
    for relation, column in warehouse.query(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'analytics' order by ordinal_position"
    ):
        if relation in found and (relation, column) not in OF_AN_ENGINE:
            found[relation].append(column)
    return found


def assert_equal_rows(
    warehouse: Warehouse, rows: Callable[[Mapping[str, list[str]]], Mapping[str, list[tuple[Any, ...]]]]
) -> None:
    """Compare all rows of all relations with those of another engine.

    Args:
        rows: Called with the columns of each relation; its rows there.
    """
    columns = columns_of(warehouse)
    found = rows(columns)
    for relation in RELATIONS:
        expected = warehouse.query(f"select {', '.join(columns[relation])} from analytics.{relation}")
        assert expected, relation
        if relation == "daily_transaction_summary":
            assert found[relation] == expected
        different = set(found[relation]) ^ set(expected)
        assert not different, "\n".join([relation, *sorted(map(repr, different))[:10]])
        assert len(found[relation]) == len(expected), relation
