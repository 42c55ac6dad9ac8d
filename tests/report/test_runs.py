"""The last runs of `python -m refresh`, on the page and on the terminal."""

from datetime import UTC, datetime, timedelta

from psycopg2 import sql

from refresh.problems import Problem
from refresh.record import record_runs, run_values
from refresh.steps import Figures
from report.figures import Figures as Report
from report.figures import read_figures
from report.page import render_page
from report.runs import LISTED_RUNS
from report.snapshot import snapshot
from report.terminal import render_text
from tests.dbt_project.warehouse import Warehouse
from tests.report.conftest import IMAGE, TERMINAL
from tests.report.test_page import read

BEGAN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def figures() -> Report:
    with snapshot() as warehouse:
        return read_figures(warehouse)


def record(number: int, outcome: str, counted: Figures, *problems: Problem) -> None:
    began = BEGAN + timedelta(hours=number)
    run_id = f"4f0b9d1e-6d0c-4c7e-8a52-{number:012}"
    record_runs([run_values(run_id, began, began + timedelta(seconds=90), outcome, figures=counted, problems=problems)])


def test_runs_are_shown_newest_first_and_their_problems_are_text(reported: Warehouse) -> None:
    record(0, "succeeded", Figures(rows_read=1_000, rows_rejected=3, tests={"pass": 9}))
    record(1, "failed", Figures(tests={"fail": 1, "error": 1}), Problem("load", "load_failed", IMAGE + TERMINAL))

    shown = figures()
    rows = read(render_page(shown)).table("Began", "Outcome")
    text = render_text(shown, width=None, colors=False)

    assert rows[1] == ["2026-01-02 03:04 UTC", "succeeded", "90", "1,000", "3", "0", "none"]
    assert rows[0][:6] == ["2026-01-02 04:04 UTC", "failed", "90", "0", "\N{EN DASH}", "2"]
    assert rows[0][6].startswith(f"load failed: {IMAGE}")
    lines = text.split("\nLast runs (2)\n")[1].splitlines()
    assert lines[1].startswith("  2026-01-02 04:04 UTC  failed             0  load failed: <img src=x")
    assert lines[2].split("  ")[-1] == "none"
    assert [character for character in text if not character.isprintable() and character != "\n"] == []


def test_the_page_holds_the_newest_runs_alone(reported: Warehouse) -> None:
    for number in range(LISTED_RUNS + 5):
        record(number, "succeeded", Figures())

    assert len(read(render_page(figures())).table("Began", "Outcome")) == LISTED_RUNS


def test_without_a_record_there_is_no_section(reported: Warehouse) -> None:
    assert 'id="runs"' not in render_page(figures())
    assert "Last runs" not in render_text(figures(), width=None, colors=False)

    record(0, "succeeded", Figures())
    assert 'id="runs"' in render_page(figures())

    # A raw schema of before there were runs.
    reported.execute("drop table raw.runs")
    assert 'id="runs"' not in render_page(figures())


def test_a_role_that_may_not_read_the_runs_gets_the_rest(reported: Warehouse) -> None:
    record(0, "succeeded", Figures())
    role = sql.Identifier("reads_no_runs")
    with reported.connection.cursor() as cursor:
        cursor.execute(sql.SQL("create role {}").format(role))
        try:
            cursor.execute(sql.SQL("grant usage on schema raw, analytics to {}").format(role))
            cursor.execute(sql.SQL("grant select on raw.loads to {}").format(role))
            cursor.execute(sql.SQL("grant select on all tables in schema analytics to {}").format(role))
            with snapshot() as warehouse:
                warehouse._cursor.execute("set local role reads_no_runs")
                assert read_figures(warehouse).runs == []
        finally:
            cursor.execute(sql.SQL("drop owned by {}").format(role))
            cursor.execute(sql.SQL("drop role {}").format(role))
