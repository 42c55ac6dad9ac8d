"""Runs on a real server with the models: what an operator learns in a month, in minutes."""

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ingest import DataLoader
from tests.conftest import query
from tests.refresh.program import Program, Receiver

pytestmark = pytest.mark.slow

HEADER = "id,name,company_id,amount,status,created_at,paid_at\n"

QUICK = ("--without", "freshness", "--without", "extract", "--without", "report")


def write_file(file: Path, *, rows: int, bad: int, unreadable: int = 0) -> None:
    """Write a file with so many good rows, rows that a rule rejects and rows that cannot be read."""
    lines = [f"{file.stem}-{number},Acme,acme,1.00,paid,2019-02-27,\n" for number in range(rows)]
    lines += [f"{file.stem}-bad-{number},Acme,acme,s3cr3t,paid,2019-02-27,\n" for number in range(bad)]
    lines += ["unreadable\n"] * unreadable
    file.write_text(HEADER + "".join(lines))


def metrics(program: Program) -> dict[tuple[str, str], float]:
    text = (program.directory / "metrics" / "warehouse.prom").read_text()
    return {
        (sample.name.removeprefix("warehouse_refresh_"), "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.nightly
def test_a_month_of_runs(database: str, program: Program, receiver: Receiver) -> None:
    write_file(program.folder / "good.csv", rows=396, bad=3, unreadable=1)

    code, said = program.run()

    assert code == 0, said
    assert receiver.messages == []
    assert query(
        database, "select outcome, load_ids, rows_read, rows_loaded, rows_rejected, tests_failed from raw.runs"
    ) == [("succeeded", [1], 400, 399, 4, 0)]
    first = metrics(program)
    assert first["last_run_succeeded", ""] == 1
    assert [first["last_run_rows", result] for result in ("read", "loaded", "rejected")] == [400, 399, 4]
    assert first["last_run_reject_percentage", ""] == 0
    assert first["last_run_tests", "pass"] >= 8
    assert 0 < first["last_run_timestamp_seconds", ""] - first["last_load_timestamp_seconds", ""] < 600
    assert (program.directory / "exports" / "analytics" / "charges.parquet").exists()
    page = (program.directory / "exports" / "report.html").read_text()
    runs = page[page.index('<section id="runs"') :]
    assert re.search(
        r"<td>succeeded</td>.*?<td class=\"number\">400</td>\s*<td class=\"number\">4</td>", runs, re.DOTALL
    )

    # A tenth of the rows is refused: all is published, and somebody should look. Once.
    write_file(program.folder / "tenth.csv", rows=90, bad=10)
    assert program.run(*QUICK)[0] == 0
    assert receiver.told == [("test_warned", "reject_ratio", "warning")]
    assert metrics(program)["last_run_reject_percentage", ""] == 10
    assert query(database, "select count(*) from analytics.charges") == [(486,)]
    assert program.run(*QUICK)[0] == 0
    assert program.state["problems"] == []

    # All of them are: nothing is published until somebody has done something. Told once, whatever comes after it.
    write_file(program.folder / "refused.csv", rows=0, bad=50)
    write_file(program.folder / "behind.csv", rows=10, bad=0)
    codes = [program.run(*QUICK)[0] for _ in range(2)]
    assert codes == [1, 1]
    assert receiver.told[1:] == [("test_failed", "reject_ratio", "error")]
    assert query(database, "select count(*) from analytics.charges") == [(486,)]
    assert metrics(program)["last_run_tests", "fail"] == 1
    assert metrics(program)["open_problems", "error"] == 1

    (program.folder / "refused.csv").unlink()
    ((load_id,),) = query(database, "select load_id from raw.loads where source_name = 'refused.csv'")
    DataLoader().remove_loads([load_id])
    code, said = program.run("--without", "freshness", "--without", "extract")
    assert code == 0, said
    assert query(database, "select count(*) from analytics.charges") == [(496,)]
    assert len(receiver.told) == 2
    outcomes = [outcome for (outcome,) in query(database, "select outcome from raw.runs order by started_at")]
    assert outcomes == ["succeeded", "succeeded", "succeeded", "failed", "failed", "succeeded"]
    page = (program.directory / "exports" / "report.html").read_text()
    assert "test failed: reject_ratio" in page[page.index('<section id="runs"') :]

    files = [*(program.directory / "state").glob("*.json"), program.directory / "metrics" / "warehouse.prom"]
    assert "s3cr3t" not in "".join(file.read_text() for file in files) + str(receiver.messages)


def test_a_source_that_is_stale_and_a_build_that_fails(database: str, program: Program, receiver: Receiver) -> None:
    write_file(program.directory / "old.csv", rows=5, bad=0)
    DataLoader().load_csv_to_database(str(program.directory / "old.csv"))
    query(database, "update raw.loads set finished_at = now() - interval '8 days' returning 1")

    (code, said), (code_again, _) = [program.run("--without", "extract", "--without", "report") for _ in range(2)]

    # It is the provider who failed, not the run.
    assert (code, code_again) == (0, 0)
    built, *by_dbt, stale, done = said.splitlines()
    assert re.fullmatch(r"Done in [0-9.]+ s: 0 files loaded, \d+ tests passed, 1 problem\.", done)
    assert re.fullmatch(r"Built \d+ models and seeds: \d+ tests passed\.", built)
    assert len(by_dbt) == 3, "dbt says in its log what is no problem"
    assert stale.startswith("Problem (error, since ")
    assert "START" in (program.directory / "state" / "logs" / "dbt.log").read_text()
    assert receiver.told == [("stale", "raw.loads", "error")]
    assert metrics(program)["last_load_timestamp_seconds", ""] == pytest.approx(
        metrics(program)["last_run_timestamp_seconds", ""] - 8 * 86_400, abs=600
    )

    # What our macros refuse, they would refuse again.
    query(database, "update analytics.model_rules set rules = 'others' where model = 'charges' returning 1")
    code, said = program.run(*QUICK, REFRESH_ATTEMPTS="2", REFRESH_BACKOFF_SECONDS="600")
    assert code == 1
    assert "The rules behind charges have changed" in said
    assert receiver.told[1:] == [("build_failed", "charges", "error")]

    query(database, "delete from raw.raw_transactions returning 1")
    code, said = program.run(*QUICK, REFRESH_ATTEMPTS="2")
    assert code == 1
    assert "The step build failed; attempt 2 of 2 in 0 s." in said
    assert "There is nothing to build from in the raw schema" in said
    assert f"dbt's log: {program.directory}/state/logs/dbt.log" in said
    assert receiver.told[2:] == [("build_failed", "dbt", "error")]
    # Freshness was not looked at, and no model was built.
    assert len(program.state["problems"]) == 3
