"""The record of runs in the warehouse, for the report and for whoever looks back: `raw.runs`."""

from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from typing import Any

from psycopg2.extras import Json

from refresh.errors import RecordError
from refresh.problems import Problem
from refresh.steps import Figures, StepResult
from warehouse.connection import connected, default_conninfo, server_errors_as

INTERRUPTED = "interrupted"

# A test that could not run has failed: nobody knows what it would have said.
_FAILED_TESTS = ("fail", "error")

_HAS_RUNS = "select to_regclass('raw.runs') is not null"


def run_values(
    run_id: str,
    started_at: datetime,
    finished_at: datetime,
    outcome: str,
    *,
    figures: Figures | None = None,
    steps: Sequence[StepResult] = (),
    problems: Sequence[Problem] = (),
) -> dict[str, Any]:
    """Return a run as JSON values, by the columns of `raw.runs`.

    Args:
        run_id: Its identifier.
        started_at: When it began.
        finished_at: When it ended; of an interrupted run, when that was noticed.
        outcome: `succeeded`, `failed` or `interrupted`.
        figures: What it counted.
        steps: What it did.
        problems: The problems that were open at its end.
    """
    figures = figures or Figures()
    tests = figures.tests
    return {
        "run_id": run_id,
        "started_at": started_at.isoformat(),
        "finished_at": finished_at.isoformat(),
        "outcome": outcome,
        "load_ids": figures.load_ids,
        "rows_read": figures.rows_read,
        "rows_loaded": figures.rows_loaded,
        "rows_rejected": figures.rows_rejected,
        "tests_failed": None if tests is None else sum(tests.get(status, 0) for status in _FAILED_TESTS),
        "tests_warned": None if tests is None else tests.get("warn", 0),
        "steps": [step.to_dict() for step in steps],
        "problems": [problem.to_dict() for problem in problems],
    }


def record_runs(runs: Sequence[dict[str, Any]]) -> None:
    """Write runs to `raw.runs`, all or none, and commit. A run that is there already is replaced.

    Raises:
        RecordError: The raw schema is older than this program, or the server refused the record.
        ConnectionFailedError: The server cannot be reached or the connection was lost.
    """
    statement = resources.files("refresh").joinpath("sql", "record_run.sql").read_text(encoding="utf-8")
    with (
        server_errors_as(
            RecordError,
            connection_lost="The connection was lost before the run was recorded",
            refused="PostgreSQL refused the record of the run",
            advice="Check that this role may write to raw.runs.",
        ),
        connected(default_conninfo()) as session,
        session,
        session.cursor() as cursor,
    ):
        cursor.execute(_HAS_RUNS)
        if cursor.fetchone() != (True,):
            raise RecordError(
                "The raw schema is older than this program: run `python -m ingest migrate` as its owner. "
                "The runs are recorded afterwards."
            )
        for run in runs:
            cursor.execute(statement, {**run, "steps": Json(run["steps"]), "problems": Json(run["problems"])})
