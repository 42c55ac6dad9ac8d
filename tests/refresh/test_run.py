"""Runs on a real server: what they do without models to build."""

import os
import re
import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg2
import pytest

from ingest import DataLoader
from ingest.lock import INGEST_LOCK
from refresh.record import record_runs, run_values
from tests.conftest import administer, query
from tests.refresh.program import Program, Receiver
from tests.waiting import wait_until
from warehouse.embedded import EmbeddedServer

FILE = "id,name,company_id,amount,status,created_at,paid_at\nc1,Acme,acme,12.34,paid,2019-02-27,\n"

RUNS = "select outcome, rows_read, problems from raw.runs order by started_at"

UNREACHABLE = ("database_unreachable", "database", "error")


def test_an_empty_folder_beside_an_empty_database_is_no_failure(database: str, program: Program) -> None:
    code, said = program.run()

    assert code == 0
    assert "There is no .csv file in data, compressed or not: nothing is loaded or built." in said
    assert "Error" not in said
    assert re.fullmatch(r"Done in [0-9.]+ s: 0 files loaded, 0 problems\.", said.splitlines()[-1])
    assert query(database, "select to_regclass('raw.loads')") == [(None,)]
    assert list((program.directory / "metrics").iterdir()) == [program.directory / "metrics" / "warehouse.prom"]


@pytest.mark.slow
def test_a_database_that_is_away_is_told_once_and_the_runs_are_recorded_later(
    database: str, program: Program, receiver: Receiver
) -> None:
    codes = [program.run(PGHOST="/nowhere")[0] for _ in range(2)]

    assert codes == [1, 1]
    assert receiver.told == [UNREACHABLE]
    assert len(program.state["waiting"]) == 2

    DataLoader().migrate_raw_schema()
    assert program.run()[0] == 0

    assert [outcome for outcome, *_ in query(database, RUNS)] == ["failed", "failed", "succeeded"]
    assert program.state["problems"] == program.state["waiting"] == []
    program.run(PGHOST="/nowhere")
    assert receiver.told == [UNREACHABLE] * 2


def test_a_step_is_tried_again_until_it_succeeds(server: EmbeddedServer, database: str, program: Program) -> None:
    later = f"{database.rpartition('=')[2]}_later"
    process = program.start(REFRESH_ATTEMPTS="1000", PGDATABASE=later)
    assert process.stdout is not None
    try:
        assert any("connect failed; attempt 3 of 1000 in 0 s" in line for line in process.stdout)
        administer(server, f"create database {later} template template0")
        said, _ = process.communicate()
    finally:
        process.kill()
        administer(server, f"drop database if exists {later} with (force)")

    assert process.returncode == 0
    assert "nothing is loaded or built" in said


@pytest.mark.slow
def test_a_file_that_cannot_be_loaded_is_told_once_with_no_word_of_its_content(
    database: str, program: Program, receiver: Receiver
) -> None:
    DataLoader().migrate_raw_schema()
    bad = program.folder / "bad.csv"
    bad.write_text("s3cr3t,content\n1,2\n")

    codes = [program.run()[0] for _ in range(2)]

    assert codes == [1, 1]
    assert receiver.told == [("load_failed", "bad.csv", "error")]
    assert "s3cr3t" not in str(receiver.messages)
    assert "s3cr3t" not in (program.directory / "state" / "state.json").read_text()
    assert "s3cr3t" not in str(query(database, RUNS))

    (program.folder / "worse.csv").write_text("nor,this\n")
    program.run()
    assert receiver.told[1:] == [("load_failed", "worse.csv", "error")]

    bad.unlink()
    (program.folder / "worse.csv").unlink()
    assert program.run()[0] == 0
    assert program.state["problems"] == []


@pytest.mark.slow
def test_an_alert_that_does_not_arrive_is_an_error_and_told_by_the_next_run(
    database: str, program: Program, receiver: Receiver
) -> None:
    (program.folder / "bad.csv").write_text("no,header\n")

    code, said = program.run(REFRESH_ALERT_WEBHOOK="", REFRESH_ALERT_COMMAND="false")
    assert code == 1
    assert (
        "The alert was not delivered: REFRESH_ALERT_COMMAND ended with exit code 1. The next run tries again." in said
    )

    program.run()
    program.run()
    assert receiver.told == [("load_failed", "bad.csv", "error")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_while_it_tells_leaves_that_to_the_next_one(
    program: Program, receiver: Receiver, tmp_path: Path, number: signal.Signals
) -> None:
    nowhere = {"PGHOST": str(tmp_path)}
    telling = tmp_path / "telling"
    process = program.start(
        REFRESH_ALERT_WEBHOOK="", REFRESH_ALERT_COMMAND=f"sh -c 'touch {telling}; exec sleep 600'", **nowhere
    )
    wait_until(telling.exists, "the run to tell")
    process.send_signal(number)
    said, _ = process.communicate()

    assert process.returncode == 128 + number
    assert "Traceback" not in said
    assert said.endswith("Interrupted. The next run continues.\n")
    assert [run["outcome"] for run in program.state["waiting"]] == ["failed"]
    program.run(**nowhere)
    assert receiver.told == [UNREACHABLE]


@pytest.mark.slow
def test_one_run_at_a_time_and_a_step_that_takes_too_long_is_ended(
    database: str, program: Program, receiver: Receiver
) -> None:
    DataLoader().migrate_raw_schema()
    (program.folder / "good.csv").write_text(FILE)
    with psycopg2.connect(database) as other_load, other_load.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [INGEST_LOCK])
        for number in (signal.SIGTERM, signal.SIGINT):
            process = program.start(REFRESH_STEP_SECONDS="600")
            wait_for_load(process)

            assert program.run() == (0, "Another run is in progress, so this one does nothing.\n")
            # Ctrl-C in a terminal reaches the run alone, and its program says nothing of it.
            (load,) = psutil.Process(process.pid).children()
            assert os.getpgid(load.pid) != os.getpgid(process.pid)
            process.send_signal(number)
            said, _ = process.communicate()
            assert (process.returncode, said) == (128 + number, "Interrupted. The next run continues.\n")

        code, said = program.run(REFRESH_STEP_SECONDS="3")
        assert code == 1
        assert "the step load took more than 3 s and was ended" in said
        assert said.splitlines()[-1].startswith("Failed (the step load) in ")
    other_load.close()

    assert [outcome for outcome, *_ in query(database, RUNS)] == [
        "interrupted",
        "interrupted",
        "failed",
    ]
    # Somebody ended the first two on purpose.
    assert receiver.told == [("step_failed", "load", "error")]
    assert query(database, "select count(*) from raw.loads") == [(0,)]


@pytest.mark.slow
def test_a_killed_run_is_told_and_its_programs_keep_the_next_one_out(
    database: str, program: Program, receiver: Receiver
) -> None:
    DataLoader().migrate_raw_schema()
    (program.folder / "good.csv").write_text(FILE)
    with psycopg2.connect(database) as other_load, other_load.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [INGEST_LOCK])
        process = program.start()
        wait_for_load(process)
        process.kill()
        process.wait()
        assert process.stdout is not None

        assert "Another run is in progress" in program.run(REFRESH_STEP_SECONDS="60")[1]
        (program.folder / "good.csv").rename(program.directory / "taken-out")
        query(
            database,
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'transactions-warehouse'",
        )
        process.stdout.read()
    process.stdout.close()
    other_load.close()

    code, said = program.run()
    assert code == 0
    assert "The last run was interrupted." in said
    assert receiver.told == [("interrupted", "run", "error")]
    assert [outcome for outcome, *_ in query(database, RUNS)] == ["interrupted", "succeeded"]

    program.run()
    assert program.state["problems"] == []
    assert program.state["totals"]["runs.interrupted"] == 1


def wait_for_load(process: "subprocess.Popen[str]") -> None:
    """Wait until a load says that it waits for another one."""
    assert process.stdout is not None
    assert any("nother load" in line for line in process.stdout)


def test_what_keeps_all_files_out_is_one_problem(database: str, program: Program, receiver: Receiver) -> None:
    DataLoader().migrate_raw_schema()
    query(database, "insert into raw.schema_version values (99, 'of a newer program') returning 1")
    for number in range(3):
        (program.folder / f"{number}.csv").write_text(FILE)

    assert program.run()[0] == 1

    assert receiver.told == [("step_failed", "load", "error")]


def test_a_directory_that_cannot_be_written_is_told(database: str, program: Program, receiver: Receiver) -> None:
    code, said = program.run(REFRESH_DIRECTORY="/dev/null/state")

    assert code == 1
    assert said == (
        "Error: /dev/null/state cannot be used: Not a directory. "
        "Make it writable, or name another directory with REFRESH_DIRECTORY.\n"
    )
    assert receiver.told == [("state_unusable", "directory", "error")]


def test_a_damaged_state_does_not_stop_the_runs(database: str, program: Program) -> None:
    (program.directory / "state").mkdir()
    (program.directory / "state" / "state.json").write_text("{")

    code, said = program.run()

    assert code == 0
    assert "Warning: " in said
    assert "state.json is damaged and begins anew" in said
    assert program.state["running"] is None


def test_settings_and_alerts_can_be_tried(program: Program, receiver: Receiver) -> None:
    assert program.run("test-alert") == (0, "The alert was delivered.\n")
    assert receiver.told == [("test_alert", "alert", "error")]

    code, said = program.run("test-alert", REFRESH_ALERT_WEBHOOK="")
    assert (code, said[:25]) == (1, "Error: No alert is set up")

    code, said = program.run(REFRESH_ALERT_URL="https://alerts.example.org/s3cr3t")
    assert (code, said) == (2, "Error: REFRESH_ALERT_URL is not a setting: did you mean REFRESH_ALERT_WEBHOOK?\n")


def test_a_role_that_may_not_read_raw_is_told_so(database: str, program: Program) -> None:
    name = f"stranger_of_{database.rpartition('=')[2]}"
    DataLoader().migrate_raw_schema()
    query(database, f"create role {name}; select 1")
    try:
        code, said = program.run(PGOPTIONS=f"-c role={name}")
    finally:
        query(database, f"drop role {name}; select 1")

    assert code == 1
    assert "Error: PostgreSQL refused to answer: permission denied for schema raw.\n" in said
    assert "or this role may not read raw." in said


@pytest.mark.parametrize("role", ["loader", "reporter"])
def test_whoever_adds_loads_records_runs_and_whoever_reads_them_reads_these(database: str, role: str) -> None:
    rights = {"loader": "select, insert, delete", "reporter": "select"}[role]
    name = f"{role}_of_{database.rpartition('=')[2]}"
    DataLoader().migrate_raw_schema()
    query(
        database,
        f"drop table raw.runs; delete from raw.schema_version where version = 4; create role {name};"
        f"grant usage on schema raw to {name}; grant {rights} on raw.loads to {name}; select 1",
    )
    try:
        DataLoader().migrate_raw_schema()

        found = query(
            database,
            "select string_agg(privilege_type, ' ' order by privilege_type) from information_schema.table_privileges"
            f" where table_name = 'runs' and grantee = '{name}'",
        )
        assert found == [("INSERT SELECT UPDATE" if role == "loader" else "SELECT",)]
    finally:
        query(database, f"drop owned by {name}; drop role {name}; select 1")


def test_a_run_is_recorded_again_after_its_report(database: str) -> None:
    DataLoader().migrate_raw_schema()
    now = datetime(2026, 1, 2, tzinfo=UTC)
    run_id = "4f0b9d1e-6d0c-4c7e-8a52-0b6d2c9f1a11"

    for outcome in ("succeeded", "failed"):
        record_runs([run_values(run_id, now, now, outcome)])

    assert query(database, "select run_id::text, outcome, rows_rejected, tests_failed from raw.runs") == [
        (run_id, "failed", None, None)
    ]


def test_an_older_raw_schema_says_who_may_change_it(database: str, program: Program) -> None:
    code, said = program.run()

    assert code == 0
    assert (
        "Warning: the run is not recorded yet. The raw schema is older than this program: run `python -m ingest" in said
    )
    assert len(program.state["waiting"]) == 1
