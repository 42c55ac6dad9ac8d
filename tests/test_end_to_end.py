"""From the file to the daily summary, as a user runs it: the real input, where there is one, and the sample."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import CHECKOUT, query
from tests.oracle import RawRow, expected_marts


def run(*command: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run a program from the top of the checkout, with dbt's own files in the directory."""
    environment = {**os.environ, "DBT_TARGET_PATH": str(directory / "target"), "DBT_LOG_PATH": str(directory / "logs")}
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)


def load_and_build(path: Path, directory: Path) -> None:
    for command in (
        [sys.executable, "-m", "ingest", "load", str(path)],
        [str(Path(sys.executable).with_name("dbt")), "build", "--project-dir", "dbt_project"],
    ):
        done = run(*command, directory=directory)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def real_input() -> Path:
    path = os.environ.get("TRANSACTIONS_CSV")
    if not path:
        pytest.skip("TRANSACTIONS_CSV names no real input file")
    return Path(path)


def test_the_real_file_gives_the_known_figures(database: str, real_input: Path, tmp_path: Path) -> None:
    load_and_build(real_input, tmp_path)

    def one(statement: str) -> tuple[object, ...]:
        (row,) = query(database, statement)
        return row

    assert one("select rows_read, rows_loaded, rows_rejected, bytes, line_terminator from raw.loads") == (
        10_000,
        10_000,
        0,
        1_263_710,
        "\r\r\n",
    )
    assert one("select count(*) from raw.raw_transactions") == (10_000,)
    assert one("select count(*), sum(amount), count(updated_at) from analytics.charges") == (
        9_991,
        Decimal("21314727822.41"),
        6_005,
    )
    assert query(database, "select reasons, count(*) from analytics.rejected_transactions group by 1 order by 1") == [
        ("invalid_amount", 4),
        ("missing_id", 3),
        ("unknown_status", 2),
    ]
    assert query(
        database,
        "select company_id, company_name, count(*) from analytics.charges "
        "join analytics.companies using (company_id) group by 1, 2 order by 3 desc",
    ) == [
        ("cbf1c8b09cd5b549416d49d2", "MiPasajefy", 9_895),
        ("8f642dc67fccf861548dfe1c", "Muebles chidos", 96),
    ]
    assert one("select count(*) from analytics.companies") == (2,)
    assert dict(query(database, "select status, count(*) from analytics.charges group by 1")) == {
        "paid": 5_890,
        "voided": 2_082,
        "pending_payment": 1_878,
        "refunded": 93,
        "charged_back": 21,
        "pre_authorized": 18,
        "expired": 8,
        "partially_refunded": 1,
    }
    summary = "from analytics.daily_transaction_summary"
    assert one(f"select count(*), sum(transaction_count), sum(total_amount) {summary}") == (
        169,
        5_983,
        Decimal("1028600.80"),
    )
    by_company = (
        f"select company_name, count(*), sum(transaction_count), sum(total_amount) {summary} group by 1 order by 1"
    )
    assert query(database, by_company) == [
        ("MiPasajefy", 140, 5_952, Decimal("733773.00")),
        ("Muebles chidos", 29, 31, Decimal("294827.80")),
    ]
    newest = f"select transaction_date::text, company_name, total_amount, transaction_count {summary} limit 1"
    assert one(newest) == ("2019-05-20", "MiPasajefy", Decimal("82.40"), 2)


def test_the_sample_gives_what_an_independent_oracle_expects(database: str, tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    done = run(sys.executable, "-m", "ingest", "sample", "--json", "--output", str(sample), directory=tmp_path)
    assert done.returncode == 0, done.stderr
    defects = json.loads(done.stdout)["defects"]
    load_and_build(sample, tmp_path)

    ((load_id, finished_at),) = query(database, "select load_id, finished_at at time zone 'utc' from raw.loads")
    # Neither our reader nor pandas' guesses at types: everything is text, and an empty field is nothing.
    records = pd.read_csv(sample, dtype=str, na_values=[""], keep_default_na=False).dropna(how="all")
    rows = [
        RawRow(load_id, number, *(None if pd.isna(value) else value for value in record))
        for number, record in enumerate(records.itertuples(index=False), 1)
    ]
    expected = expected_marts(rows, {load_id: finished_at})

    assert len(rows) == 10_000
    charges = "select id, company_id, amount, status, created_at, updated_at from analytics.charges"
    assert set(query(database, charges)) == {
        (charge.id, charge.company_id, charge.amount, charge.status, charge.created_at, charge.updated_at)
        for charge in expected.charges.values()
    }
    companies = "select company_id, company_name from analytics.companies"
    assert set(query(database, companies)) == {
        (company.company_id, company.company_name) for company in expected.companies.values()
    }
    rejected = "select row_number, reasons from analytics.rejected_transactions"
    assert dict(query(database, rejected)) == {
        row: ",".join(reasons) for (_, row), reasons in expected.rejected.items()
    }
    summary = (
        "select transaction_date, company_name, company_id, total_amount, transaction_count "
        "from analytics.daily_transaction_summary"
    )
    assert query(database, summary) == [astuple(row) for row in expected.summary]
    assert len(expected.charges) + len(expected.rejected) + expected.superseded == 10_000
    assert Counter(expected.rejected.values()) == {
        ("missing_id",): defects["missing_id"],
        ("invalid_amount",): defects["amount_too_large"],
        ("unknown_status",): defects["unknown_status"],
    }
