"""Metrics say what the marts say."""

import csv
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.dbt_project.warehouse import Dbt, Warehouse

pytestmark = pytest.mark.slow


def queried(project: Path, *arguments: str) -> list[dict[str, str]]:
    """The rows of a MetricFlow query."""
    result = project / "result.csv"
    command = [str(Path(sys.executable).with_name("mf")), "query", "--quiet", *arguments, "--csv", str(result)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with result.open(newline="") as rows:
        return list(csv.DictReader(rows))


def test_metrics_say_what_the_marts_say(built: Warehouse, dbt: Dbt, changed_project: Path) -> None:
    dbt("parse", *dbt.elsewhere(changed_project / "target", changed_project), "--write-json")

    totals = queried(
        changed_project,
        *("--metrics", "total_amount,transaction_count"),
        *("--group-by", "company__company_name", "--order", "company__company_name"),
    )
    (rejects,) = queried(changed_project, "--metrics", "reject_rate")

    expected = built.query(
        "select company_name, sum(amount), count(*) from analytics.charges join analytics.companies using (company_id)"
        " where status in ('paid', 'refunded') group by company_name order by company_name"
    )
    assert [(row["company__company_name"], Decimal(row["total_amount"])) for row in totals] == [
        (name, amount) for name, amount, _ in expected
    ]
    assert [Decimal(row["transaction_count"]) for row in totals] == [count for *_, count in expected]
    assert len(totals) == 3
    # 4 of the 10 records of the first file, and 1 of the 5 of the second.
    assert round(Decimal(rejects["reject_rate"]), 6) == round(Decimal(5) / 15, 6)
