"""Marts to publish: values that are made to be changed on the way."""

from typing import Any

from tests.dbt_project.warehouse import Warehouse

# The largest amount that every database holds to the cent.
LARGEST = "9999999999999.99"

# Text that databases take for other text: by case, by spaces at the end, by accents, or as something to interpret.
TEXTS = (
    *(
        "A1",
        "a1",
        "A1 ",
        "a1\t",
        "ß",
        "ss",
        "é",
        "e\u0301",
        "\u0130",
        "i",
        "\U0001f600",
        "\U0010ffff",
        "\u200b",
        "\ufeffx",
    ),
    *(
        "\x01",
        "\x7f",
        "key",
        "key\x01",
        "key ",
        "'",
        '"',
        "\\",
        "\\'",
        "\\N",
        "%",
        "%s",
        ":name",
        "a\nb",
        "a\r\n",
        "`",
        "NULL",
    ),
    *("\u00a0", "0x41", "--", "/*", "${x}", "{{ x }}", "\ue000", "\U00010000"),
)

INSERT_COMPANY = "insert into analytics.companies values (%s, %s, '2024-01-01', '9999-12-31 23:59:59.999999', %s)"
INSERT_CHARGE = (
    "insert into analytics.charges (id, company_id, amount, status, created_at, updated_at, source_id, load_id,"
    " row_number, changed_at) values (%s, %s, %s, %s, %s, %s, %s, %s, 1, '2024-01-01 12:34:56.789012')"
)


def add_hostile_rows(warehouse: Warehouse) -> None:
    """Add a company and charges for each text, and the outermost amounts and times."""
    with warehouse.connection.cursor() as cursor:
        for text in TEXTS:
            cursor.execute(INSERT_COMPANY, (text, text, text * 50))
            cursor.execute(
                INSERT_CHARGE, (text, text, "0.01", "paid", "0001-01-01", "9999-12-31 23:59:59.999999", text, 2**63 - 1)
            )
        cursor.execute(INSERT_COMPANY, ("long", "\U0001f600" * 130, "x" * 100_000))
        for number, (amount, created_at) in enumerate(
            [
                (LARGEST, "2038-01-19 03:14:08"),
                ("0.00", "1969-12-31 23:59:59.999999"),
                ("0.29", "9999-12-31 23:59:59.999999"),
            ]
        ):
            cursor.execute(INSERT_CHARGE, (f"long {number}", "long", amount, "refunded", created_at, None, "", -1))


def published(warehouse: Warehouse, relation: str) -> list[tuple[Any, ...]]:
    """The rows that a copy must have."""
    return sorted(warehouse.query(f"select * from analytics.{relation}"), key=repr)
