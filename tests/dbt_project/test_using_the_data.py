"""docs/use-the-data.md does what it says."""

import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import CHECKOUT
from tests.dbt_project.warehouse import Warehouse

DOCUMENT = (CHECKOUT / "docs" / "use-the-data.md").read_text(encoding="utf-8")


def run(command: list[str], directory: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(
        command, cwd=directory, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_each_example_prints_the_figures_of_the_marts(
    built: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (extract,) = re.findall(r"^\$ python (.+)$", DOCUMENT, re.MULTILINE)
    # The one about the file is for the tests that make it.
    blocks = [block for block in re.findall(r"```python\n(.+?)```", DOCUMENT, re.DOTALL) if "duckdb" not in block]
    assert len(blocks) == 3
    run([sys.executable, *extract.split()], tmp_path)
    by_company, paid, all_charges = (run([sys.executable, "-c", block], tmp_path) for block in blocks)

    marts = built.published()
    assert int(paid) == sum(charge.status == "paid" for charge in marts.charges.values())
    assert int(all_charges) == len(marts.charges)
    total = sum(line.total_amount for line in marts.summary)
    assert total == sum(Decimal(line.split()[-1]) for line in by_company.splitlines()[1:-1])

    (question,) = re.findall(r"```sql\n(.+?)```", DOCUMENT, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as connection:
        assert sum(amount for _, amount in connection.execute(question).fetchall()) == total
