"""What a rehearsal says is what a build does, the warehouse does not notice it, and nothing is left of it."""

import contextlib
import gzip
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from ingest import DataLoader
from ingest.formats import COLUMNS
from tests.conftest import CHECKOUT, query
from tests.ingest.layouts import LAYOUTS
from tests.ingest.program import run
from tests.waiting import wait_until

STANDARD = ",".join(COLUMNS) + "\n"

# Of each kind that a build tells apart: charges, an older version of one, what breaks rules, what cannot be read.
ROWS = """\
c1,Acme,acme,10.00,paid,2024-05-02,
c2,Acme,acme,20.50,PAID,20240501,2024-05-01
c2,Acme,acme,21.50,refunded,2024-05-01,
c3,Acme,***,5,voided,2024-05-03T23:30:00-01:00,
c4,Acme,acme,much,paid,2024-05-01,
c5,Acme,acme,more,lost,2024-05-01,soon
c6,Nobody,,1,paid,2024-05-01,
,Acme,acme,1,lost,2024-05-01,
ragged
"""


def build(database: str, directory: Path) -> None:
    """Build the models as the rehearsal's user would."""
    dbt = [sys.executable, "-c", "from dbt.cli.main import cli; cli()"]
    options = ["--target-path", str(directory / "target"), "--log-path", str(directory / "logs")]
    project = ["--project-dir", str(CHECKOUT / "dbt_project"), "--profiles-dir", str(CHECKOUT)]
    done = subprocess.run(
        [*dbt, "--quiet", "build", *project, *options, "--resource-type", "seed", "--resource-type", "model"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def everything(database: str) -> list[tuple[Any, ...]]:
    """All that a warehouse holds: its catalogue, and the versions of its rows."""
    catalogue = query(
        database,
        "select oid, relname::text, relfilenode, xmin::text from pg_class"
        " union all select oid, nspname::text, 0, xmin::text from pg_namespace order by 1",
    )
    rows = query(database, "select _load_id, _row_number, ctid::text, xmin::text from raw.raw_transactions order by 3")
    return [*catalogue, *rows]


def test_it_says_what_a_build_decides_and_the_warehouse_does_not_notice(
    database: str, temporary_directory: Path
) -> None:
    other = temporary_directory / "other.csv"
    other.write_text(STANDARD + "c1,Other,other,1,paid,2024-01-01,\n")
    DataLoader().load_csv_to_database(str(other))
    other.unlink()
    before = everything(database)
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "inspect", "-"],
        cwd=CHECKOUT,
        input=gzip.compress((STANDARD + ROWS).encode()),
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().partition("\n\nRows, ")[2] == (
        "as a build would evaluate them if this were the only file, 2024-05-01 to 2024-05-04\n"
        "  charges                   3  36.50\n"
        "    paid                    1  10.00\n"
        "    refunded                1  21.50\n"
        "    voided                  1   5.00\n"
        "  superseded by later rows  1\n"
        "  left out                  0\n"
        "  rejected                  4\n"
        "  invalid_amount: 2 rows, by amount\n"
        "    1  more\n"
        "    1  much\n"
        "  unknown_status: 2 rows, by status\n"
        "    2  lost\n"
        "  invalid_paid_at: 1 row, by paid_at\n"
        "    1  soon\n"
        "  missing_id: 1 row, by id\n"
        "    1  (blank)\n"
        "  unresolved_company: 1 row, by company_id / name\n"
        "    1  Nobody\n"
    )
    assert everything(database) == before
    assert list(temporary_directory.iterdir()) == []


@dataclass(frozen=True)
class Built:
    """What a build has made of one load."""

    charges: int
    superseded: int
    rejected: int
    left_out: int
    statuses: dict[str, tuple[int, str]]
    reasons: dict[str, int]
    days: tuple[str, str]


def built(database: str, load_id: int) -> Built:
    def one(statement: str) -> Any:
        return query(database, statement)[0][0]

    rejected = query(
        database,
        f"select reasons from analytics.rejected_transactions where load_id = {load_id} and record is null",
    )
    reasons = Counter(reason for (text,) in rejected for reason in text.split(","))
    return Built(
        charges=one(f"select count(*) from analytics.charges where load_id = {load_id}"),
        superseded=one(f"select count(*) from analytics.superseded_transactions where load_id = {load_id}"),
        rejected=len(rejected) - reasons["not_a_charge"],
        left_out=reasons["not_a_charge"],
        statuses={
            status: (count, str(amount))
            for status, count, amount in query(
                database,
                f"select status, count(*), sum(amount) from analytics.charges where load_id = {load_id} group by 1",
            )
        },
        reasons=dict(reasons),
        days=query(
            database,
            "select min(created_at)::date::text, max(created_at)::date::text from analytics.charges"
            f" where load_id = {load_id}",
        )[0],
    )


def rehearsed(report: dict[str, Any]) -> Built:
    found = report["rehearsal"]
    return Built(
        charges=found["charges"],
        superseded=found["rows_superseded"],
        rejected=found["rows_rejected"],
        left_out=found["rows_left_out"],
        statuses={total["status"]: (total["charges"], total["amount"]) for total in found["statuses"]},
        reasons={one["reason"]: one["rows"] for one in (*found["rejections"], *found["left_out"])},
        days=(found["first_day"], found["last_day"]),
    )


STRIPE = "id,Amount,Currency,Status,Created (UTC),Amount Refunded\n"


def random_file(seed: int) -> tuple[str, list[str]]:
    chance = random.Random(seed)
    if seed % 2:
        columns = [
            ["a", " a ", "b", "c", "d" * 40, ""],
            ["Acme", "Berta", "B" * 140, ""],
            ["acme", "berta", "***", ""],
            ["1", "2.505", "3.0e1", "-1", "many", "9" * 20],
            ["paid", "PAID", "refunded", "?", ""],
            ["2024-05-16", "20240517", "2024-05-16T23:30:00-01:00", "never"],
            ["", "2024-05-16", "?"],
        ]
        header, options = STANDARD, []
    else:
        columns = [
            ["a", "b", "c", "d", "", "e e"],
            ["1", '"1,250.00"', "x", "12.5.0", "0"],
            ["usd", "USD", "eur", ""],
            ["Paid", "paid", "Refunded", "Fee", "Odd"],
            ["2024-05-16 10:00", "2024-05-17", "16/05/2024"],
            ["", "0", "1", "0.5"],
        ]
        header, options = STRIPE, ["--set", "company_id=acme", "--set", "name=Acme"]
    rows = [",".join(chance.choice(values) for values in columns) + "\n" for _ in range(300)]
    # Enough ids for charges beside the versions of each other.
    rows = [row.replace("a,", f"a{at},", 1) if row.startswith("a,") else row for at, row in enumerate(rows)]
    return header + "".join(rows) + "ragged\n", options


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(1, 4))])
def test_it_says_exactly_what_a_build_makes_of_the_only_file(database: str, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "payments.csv"
    content, options = random_file(seed)
    path.write_text(content)
    inspected = run("inspect", "--json", "--quiet", str(path), *options)
    assert inspected.returncode == 0, inspected.stderr
    loaded = run("load", "--json", "--quiet", str(path), *options)
    build(database, tmp_path)

    (load,) = json.loads(loaded.stdout)["loads"]
    report = json.loads(inspected.stdout)
    assert rehearsed(report) == built(database, load["load_id"])
    assert report["rehearsal"]["charges"] > 0
    assert report["records"]["rejected_by_reason"] == load["rejected_by_reason"]


@pytest.mark.slow
def test_each_proposal_loads_and_builds(database: str, tmp_path: Path) -> None:
    for layout in LAYOUTS:
        path, form = tmp_path / layout.name, tmp_path / f"{layout.name.split('.')[0].replace(' ', '')}.toml"
        path.write_bytes(layout.content)
        proposed = run("inspect", str(path), "--propose")
        assert (proposed.returncode, proposed.stderr) == (0, "")
        text = proposed.stdout
        for before, after in layout.edits.items():
            assert text.count(before) == 1
            text = text.replace(before, after)
        form.write_text(text)
        done = run("load", "--format", str(form), "--max-rejects", "0", str(path))
        assert done.returncode == 0, done.stderr
    build(database, tmp_path)

    charges = query(
        database,
        "select charges.source_id, company_name, amount, status, charges.created_at from analytics.charges"
        " join analytics.companies using (company_id)",
    )
    expected = [(*charge[:2], charge[2], *charge[3:]) for layout in LAYOUTS for charge in layout.charges]
    assert sorted(charges, key=str) == sorted(expected, key=str)


@pytest.mark.slow
def test_a_file_of_a_proposed_format_can_be_inspected_in_it(tmp_path: Path) -> None:
    layout = LAYOUTS[1]
    path, form = tmp_path / layout.name, tmp_path / "kasse.toml"
    path.write_bytes(layout.content)
    form.write_text(run("inspect", str(path), "--propose").stdout)
    done = run("inspect", str(path), "--format", str(form), "--json")

    report = json.loads(done.stdout)
    assert (done.returncode, report["format"]) == (0, "kasse")
    assert report["rehearsal"]["charges"] == len(layout.charges)
    assert report["rehearsal"]["rejections"] == [
        {"reason": "unknown_status", "rows": 1, "columns": ["status"], "values": [{"value": "Umgebucht", "rows": 1}]}
    ]


@pytest.mark.slow
def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(STANDARD)
    done = run("inspect", str(path), "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rehearsal"]["charges"] == 0
    assert json.loads(done.stdout)["rehearsal"]["first_day"] is None


@pytest.mark.slow
def test_the_environment_of_a_build_elsewhere_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(STANDARD + ROWS)
    elsewhere = {"PGHOST": "127.0.0.1", "PGPORT": "1", "PGOPTIONS": "-c role=nobody", "DBT_TARGET": "dev"}
    done = run("inspect", str(path), "--json", directory=tmp_path, **elsewhere)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rehearsal"]["charges"] == 3
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_a_project_that_dbt_cannot_read_is_one_line(
    tmp_path: Path, temporary_directory: Path, changed_checkout: Path
) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(STANDARD + ROWS)
    (changed_checkout / "dbt_project" / "models" / "marts" / "broken.sql").write_text("{{ nonsense( }}")
    done = run("inspect", str(path), directory=changed_checkout, PYTHONPATH=str(changed_checkout))
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: dbt cannot read the project in {changed_checkout}/dbt_project: run ")
    assert "Records" in done.stdout

    (changed_checkout / "dbt_project" / "models" / "marts" / "broken.sql").unlink()
    model = changed_checkout / "dbt_project" / "models" / "marts" / "charges.sql"
    model.write_text(model.read_text().replace("where age = 1", "where age = amount::text::date"))
    failed = run("inspect", str(path), directory=changed_checkout, PYTHONPATH=str(changed_checkout))
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: dbt cannot build the models from this file (it failed in charges): load ")
    assert failed.stderr.count("\n") == 1
    assert "21.50" not in failed.stderr
    assert list(temporary_directory.iterdir()) == []


@pytest.fixture
def changed_checkout(tmp_path: Path) -> Path:
    """A copy of what the command needs, to be broken."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    files = ["ingest", "warehouse", "formats", "dbt_project", "profiles.yml"]
    subprocess.run(["cp", "-R", *(str(CHECKOUT / name) for name in files), str(checkout)], check=True)
    return checkout


@contextlib.contextmanager
def inspecting(path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """An inspection that runs, and all that it started."""
    with subprocess.Popen(
        [sys.executable, "-m", "ingest", "inspect", str(path)],
        cwd=CHECKOUT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["started", "served", "built"])
def test_interrupted_it_leaves_nothing(
    tmp_path: Path, temporary_directory: Path, number: signal.Signals, moment: str
) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(STANDARD + ROWS)

    pattern = {"started": "files", "served": "socket/.s.PGSQL.5432", "built": "files/target/*"}[moment]

    with inspecting(path) as process:
        wait_until(lambda: any(temporary_directory.glob(f"transactions-warehouse-once-*/{pattern}")), moment)
        children = psutil.Process(process.pid).children(recursive=True)
        # Ctrl-C reaches all that a terminal runs, other signals reach one process.
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        _, error = process.communicate()

    assert process.returncode != 0
    if number == signal.SIGINT:
        assert error.strip() == b"Aborted!"
    for child in children:
        wait_until(partial(has_ended, child), str(child))
    assert list(temporary_directory.iterdir()) == []
