"""Files as providers export them, from `python -m ingest load` to the marts, for each format that is shipped."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.formats import FORMATS, STANDARD
from tests.dbt_project.warehouse import CHECKED, TABLES, Dbt, Warehouse
from tests.ingest.program import run

FILES = Path(__file__).with_name("provider_files")

SHOP = ("--set", "company_id=shop", "--set", "name=The Shop")

# Those of a charge whose rows hold a load id or a time of arrival.
CHARGES = """
select charges.source_id, companies.source_id, charges.amount::text, charges.status, charges.created_at::text,
    charges.updated_at::text
from analytics.charges inner join analytics.companies using (company_id)
"""
OUTCOMES = "select load_id, format, provider, rows_read, rows_rejected, rows_left_out from analytics.load_outcomes"
SUMMARY = (
    "select transaction_date::text, company_name, companies.source_id, total_amount::text, transaction_count"
    " from analytics.daily_transaction_summary inner join analytics.companies using (company_id, company_name)"
)


@dataclass(frozen=True)
class Golden:
    """A file, how it is loaded, and what becomes of it.

    Attributes:
        file: Its name.
        form: The format that its header fits.
        options: What else `python -m ingest load` has to be told.
        charges: id and company without their provider, amount, status, created_at and updated_at of each charge.
        rejected: How many rows are rejected, by their reasons.
        left_out: How many rows are no charges.
    """

    file: str
    form: str
    provider: str | None
    charges: list[tuple[str, str, str, str, str, str | None]]
    options: tuple[str, ...] = ()
    rejected: dict[str, int] = field(default_factory=dict)
    left_out: int = 0

    def load(self) -> None:
        done = run("load", str(FILES / self.file), *self.options)
        assert done.returncode == 0, done.stderr
        assert (f", format {self.form}\n" in done.stdout) == (self.form != STANDARD), done.stdout


GOLDEN = [
    Golden(
        "standard.csv",
        STANDARD,
        None,
        [
            ("same-id", "shop", "11.00", "paid", "2024-03-31 00:00:00", "2024-04-01 00:00:00"),
            ("other-id", "shop", "4.00", "refunded", "2024-03-31 00:00:00", None),
        ],
        rejected={"invalid_amount": 1},
    ),
    Golden(
        "stripe_payments.csv",
        "stripe_payments",
        "stripe",
        [
            ("ch_3QdX2kLkdIwHu7ix0Fz8aB1c", "shop", "1234.50", "paid", "2024-03-30 23:59:59", None),
            ("ch_3QdX2kLkdIwHu7ix0Fz8aB2d", "shop", "80.00", "refunded", "2024-03-31 00:00:00", None),
            ("ch_3QdX2kLkdIwHu7ix0Fz8aB3e", "shop", "100.00", "partially_refunded", "2024-03-31 08:15:00", None),
            ("ch_3QdX2kLkdIwHu7ix0Fz8aB4f", "shop", "19.00", "voided", "2024-03-31 09:00:00", None),
            ("pi_3QdX2kLkdIwHu7ix0Fz8aB5g", "shop", "19.00", "voided", "2024-03-31 09:01:00", None),
            ("pi_3QdX2kLkdIwHu7ix0Fz8aB6h", "shop", "19.00", "pending_payment", "2024-03-31 09:02:00", None),
            ("ch_3QdX2kLkdIwHu7ix0Fz8aB7i", "shop", "45.00", "pre_authorized", "2024-03-31 10:00:00", None),
            ("same-id", "shop", "7.00", "paid", "2024-03-31 14:00:00", None),
        ],
        SHOP,
        {"other_currency": 1, "unknown_status": 1, "invalid_amount": 1},
    ),
    Golden(
        "stripe_payments_2019.csv",
        "stripe_payments",
        "stripe",
        [
            ("ch_1Ee6rvLkdIwHu7ixAbCdEf01", "shop", "12.00", "paid", "2019-05-16 00:30:00", None),
            ("ch_1Ee6rvLkdIwHu7ixAbCdEf02", "shop", "8.00", "partially_refunded", "2019-05-16 09:05:00", None),
            ("ch_1Ee6rvLkdIwHu7ixAbCdEf03", "shop", "8.00", "voided", "2019-05-16 09:06:00", None),
        ],
        SHOP,
    ),
    Golden(
        "stripe_balance.csv",
        "stripe_balance",
        "stripe",
        [
            ("txn_1OzQ01", "balance", "1234.50", "paid", "2024-03-30 23:50:00", "2024-04-02 00:00:00"),
            ("txn_1OzQ02", "balance", "80.00", "paid", "2024-03-31 10:00:00", "2024-04-03 00:00:00"),
            ("txn_1OzQ08", "balance", "5.00", "paid", "2024-04-02 09:00:00", "2024-04-05 00:00:00"),
        ],
        ("--set", "company_id=balance", "--set", "name=The Shop's balance"),
        {"other_currency": 1, "unknown_status": 1},
        left_out=5,
    ),
    Golden(
        "adyen_settlement.csv",
        "adyen_settlement",
        "adyen",
        [
            ("8515678901234561", "ShopsEU", "20.50", "paid", "2024-03-30 22:30:00", "2024-03-30 22:30:00"),
            ("8515678901234562", "ShopsEU", "100.00", "paid", "2024-03-31 01:30:00", "2024-03-31 01:30:00"),
            # Summer in California, whatever the report calls it.
            ("8515678901234563", "ShopsUS", "7.25", "paid", "2024-09-11 00:00:00", "2024-09-11 00:00:00"),
            ("8515678901234564", "ShopsUS", "3.00", "paid", "2024-09-11 01:00:00", "2024-09-11 01:00:00"),
        ],
        rejected={
            "other_currency": 1,
            "invalid_created_at,invalid_paid_at": 1,
            "invalid_amount": 1,
            "unknown_status": 1,
        },
        left_out=4,
    ),
    Golden(
        "mercado_pago_settlement.csv",
        "mercado_pago_settlement",
        "mercado_pago",
        [
            ("5003", "100200300", "15000.00", "paid", "2024-04-01 02:30:00.5", None),
            ("5001", "100200300", "100.00", "paid", "2024-03-31 14:00:00", "2024-04-01 14:00:00"),
        ],
        ("--set", "name=The Shop"),
        {"other_currency": 1, "unknown_status": 1},
        left_out=4,
    ),
    Golden(
        "square_transactions.csv",
        "square_transactions",
        "square",
        [
            ("Kq1", "shop", "1240.00", "paid", "2024-11-03 04:30:00", None),
            # Twice that night: the second time is meant.
            ("Kq2", "shop", "4.00", "paid", "2024-11-03 06:30:00", None),
            ("same-id", "shop", "5.50", "paid", "2024-11-04 04:30:00", None),
            ("Kq4", "shop", "2.00", "paid", "2024-11-04 19:30:00", None),
        ],
        (*SHOP, "--set", "currency=usd"),
        {"invalid_created_at": 2, "invalid_amount": 1, "unknown_status": 1},
        left_out=1,
    ),
]


def with_provider(provider: str | None, source_id: str) -> str:
    return f"{provider}:{source_id}" if provider else source_id


def assert_golden(warehouse: Warehouse) -> None:
    """Each row of each file became what it should, and the figures of a day are those of its charges."""
    outcomes = {load_id: rest for load_id, *rest in warehouse.query(OUTCOMES)}
    for load_id, golden in enumerate(GOLDEN, 1):
        rejected = dict(
            warehouse.query(
                "select reasons, count(*) from analytics.rejected_transactions"
                f" where load_id = {load_id} and reasons <> 'not_a_charge' group by reasons"
            )
        )
        assert rejected == golden.rejected, golden.file
        expected = [
            (with_provider(golden.provider, source_id), with_provider(golden.provider, company), *rest)
            for source_id, company, *rest in golden.charges
        ]
        assert sorted(warehouse.query(f"{CHARGES} where load_id = {load_id}")) == sorted(expected), golden.file
        rows_read = len(golden.charges) + sum(golden.rejected.values()) + golden.left_out
        assert outcomes[load_id] == [
            golden.form,
            golden.provider,
            rows_read,
            sum(golden.rejected.values()),
            golden.left_out,
        ]


def test_a_file_of_each_provider_becomes_its_charges(warehouse: Warehouse, dbt: Dbt) -> None:
    assert {golden.form for golden in GOLDEN} == {file.stem for file in FORMATS.glob("*.toml")}
    warehouse.execute("drop schema raw cascade")
    for golden in GOLDEN:
        golden.load()

    dbt(*CHECKED)

    assert_golden(warehouse)
    # Four companies are called The Shop. A row that masks its id has the one of its own provider.
    companies = warehouse.query(
        'select source_id, company_name from analytics.companies order by source_id collate "C"'
    )
    assert companies == [
        ("adyen:ShopsEU", "ShopsEU"),
        ("adyen:ShopsUS", "ShopsUS"),
        ("mercado_pago:100200300", "The Shop"),
        ("shop", "The Shop"),
        ("square:shop", "The Shop"),
        ("stripe:balance", "The Shop's balance"),
        ("stripe:shop", "The Shop"),
    ]
    assert sorted(warehouse.query(SUMMARY)) == [
        ("2019-05-16", "The Shop", "stripe:shop", "12.00", 1),
        ("2024-03-30", "ShopsEU", "adyen:ShopsEU", "20.50", 1),
        ("2024-03-30", "The Shop", "stripe:shop", "1234.50", 1),
        ("2024-03-30", "The Shop's balance", "stripe:balance", "1234.50", 1),
        ("2024-03-31", "ShopsEU", "adyen:ShopsEU", "100.00", 1),
        ("2024-03-31", "The Shop", "mercado_pago:100200300", "100.00", 1),
        ("2024-03-31", "The Shop", "shop", "15.00", 2),
        ("2024-03-31", "The Shop", "stripe:shop", "87.00", 2),
        ("2024-03-31", "The Shop's balance", "stripe:balance", "80.00", 1),
        ("2024-04-01", "The Shop", "mercado_pago:100200300", "15000.00", 1),
        ("2024-04-02", "The Shop's balance", "stripe:balance", "5.00", 1),
        ("2024-09-11", "ShopsUS", "adyen:ShopsUS", "10.25", 2),
        ("2024-11-03", "The Shop", "square:shop", "1244.00", 2),
        ("2024-11-04", "The Shop", "square:shop", "7.50", 2),
    ]


def snapshot(warehouse: Warehouse) -> dict[str, Counter[tuple[object, ...]]]:
    """All that a build has made, without the times at which it did."""
    return {
        "charges": Counter(warehouse.query(f"{CHARGES} order by 1")),
        "outcomes": Counter(warehouse.query(OUTCOMES)),
        "summary": Counter(warehouse.query(SUMMARY)),
        "rejected": Counter(
            warehouse.query("select load_id, row_number, reasons, id, amount from analytics.rejected_transactions")
        ),
    }


@pytest.mark.slow
def test_builds_load_by_load_equal_one_from_scratch(warehouse: Warehouse, dbt: Dbt, tmp_path: Path) -> None:
    warehouse.execute("drop schema raw cascade")
    GOLDEN[0].load()
    dbt(*CHECKED)
    alone = snapshot(warehouse)
    for golden in GOLDEN[1:4]:
        golden.load()
    dbt(*CHECKED)
    for golden in GOLDEN[4:]:
        golden.load()
    dbt(*CHECKED)
    step_by_step = snapshot(warehouse)

    # What the standard file says is the same beside those of others.
    assert all(not alone[name] - step_by_step[name] for name in alone)
    assert_golden(warehouse)
    # Again with nothing to translate, and again with what is there already.
    dbt(*CHECKED)
    assert snapshot(warehouse) == step_by_step

    dbt(*CHECKED, "--full-refresh")
    assert snapshot(warehouse) == step_by_step
    warehouse.execute("drop schema analytics cascade")
    dbt(*CHECKED)
    assert snapshot(warehouse) == step_by_step

    # A file that is sent again with another status replaces its charges, and no other provider's.
    changed = tmp_path / "stripe_payments.csv"
    content = (FILES / "stripe_payments.csv").read_text(encoding="utf-8")
    changed.write_text(content.replace("7.00,0.00,USD", "7.00,7.00,USD"), encoding="utf-8")
    assert run("load", str(changed), *SHOP).returncode == 0
    dbt(*TABLES)
    states = "select source_id, status from analytics.charges where source_id like '%same-id' order by 1"
    assert warehouse.query(states) == [("same-id", "paid"), ("square:same-id", "paid"), ("stripe:same-id", "refunded")]


@pytest.mark.slow
def test_another_currency_has_a_schema_of_its_own(warehouse: Warehouse, dbt: Dbt, tmp_path: Path) -> None:
    warehouse.execute("drop schema raw cascade")
    for golden in GOLDEN[1:]:
        golden.load()
    dbt(*CHECKED, "--exclude", "reject_ratio", "--vars", "currency: eur", *dbt.elsewhere(tmp_path / "target"))

    assert sorted(warehouse.query(CHARGES)) == [
        (
            "adyen:8515678901234565",
            "adyen:ShopsEU",
            "64.80",
            "paid",
            "2024-03-31 10:00:00",
            "2024-03-31 10:00:00",
        ),
        ("stripe:ch_3QdX2kLkdIwHu7ix0Fz8aB8j", "stripe:shop", "60.00", "paid", "2024-03-31 11:00:00", None),
        (
            "stripe:txn_1OzQ07",
            "stripe:balance",
            "55.00",
            "paid",
            "2024-04-02 08:00:00",
            "2024-04-05 00:00:00",
        ),
    ]
