"""The metrics, as Prometheus reads them."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from refresh.errors import MetricsError
from refresh.metrics import EndedRun, counted, metrics_text, write_metrics
from refresh.problems import Judgement, Problem
from refresh.state import State
from refresh.steps import FAILED, SKIPPED, SUCCEEDED, Figures, StepResult

BEGAN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
ENDED = BEGAN + timedelta(seconds=90)

HOSTILE = 'b"a\\d\n{}=1.csv'

RUN = EndedRun(
    BEGAN,
    ENDED,
    succeeded=False,
    figures=Figures(
        load_ids=[1],
        rows_read=10,
        rows_loaded=9,
        rows_unreadable=1,
        rows_rejected=3,
        tests={"pass": 8, "fail": 1},
        reject_percentage=30,
        source_age_seconds=60.0,
    ),
    steps=(
        StepResult("load", SUCCEEDED, 1, 2.5, Judgement("load")),
        StepResult("build", FAILED, 3, 80.0, Judgement("build")),
        StepResult("report", SKIPPED),
    ),
)
STATE = State(
    problems=(Problem("load", "load_failed", HOSTILE), Problem("build", "test_warned", "x", "warning")),
    totals={"runs.failed": 2, "rows.read": 30},
    last_success=BEGAN,
)


def samples(text: bytes) -> dict[tuple[str, str], float]:
    """The values by name and label, as the reference parser reads them."""
    return {
        (sample.name.removeprefix("warehouse_refresh_"), "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_a_run_is_measured() -> None:
    assert samples(metrics_text(RUN, STATE)) == {
        ("last_run_timestamp_seconds", ""): ENDED.timestamp(),
        ("last_success_timestamp_seconds", ""): BEGAN.timestamp(),
        ("last_run_succeeded", ""): 0,
        ("last_run_duration_seconds", ""): 90,
        ("last_run_step_duration_seconds", "load"): 2.5,
        ("last_run_step_duration_seconds", "build"): 80,
        ("last_run_rows", "read"): 10,
        ("last_run_rows", "loaded"): 9,
        ("last_run_rows", "rejected"): 3,
        ("last_run_tests", "pass"): 8,
        ("last_run_tests", "warn"): 0,
        ("last_run_tests", "fail"): 1,
        ("last_run_tests", "error"): 0,
        ("last_run_tests", "skipped"): 0,
        ("last_run_reject_percentage", ""): 30,
        ("last_load_timestamp_seconds", ""): (ENDED - timedelta(seconds=60)).timestamp(),
        ("open_problems", "error"): 1,
        ("open_problems", "warning"): 1,
        ("untold_problems", ""): 2,
        ("runs_total", "succeeded"): 0,
        ("runs_total", "failed"): 2,
        ("runs_total", "interrupted"): 0,
        ("rows_total", "read"): 30,
        ("rows_total", "loaded"): 0,
        ("rows_total", "rejected"): 0,
    }


def test_every_metric_has_a_type_and_a_description_and_no_name_of_a_file() -> None:
    text = metrics_text(RUN, STATE).decode()

    for family in text_string_to_metric_families(text):
        assert family.type in ("gauge", "counter")
        assert family.documentation.endswith(".")
    assert ".csv" not in text


def test_what_a_run_does_not_know_is_left_out() -> None:
    unknown = EndedRun(BEGAN, ENDED, succeeded=False, figures=Figures(), steps=())

    names = {name for name, _ in samples(metrics_text(unknown, State()))}

    assert names.isdisjoint(
        {
            "last_success_timestamp_seconds",
            "last_run_tests",
            "last_run_reject_percentage",
            "last_load_timestamp_seconds",
        }
    )


def test_counters_go_on() -> None:
    totals = counted(counted({}, "failed", RUN.figures), "succeeded", RUN.figures)

    assert totals == {"runs.failed": 1, "runs.succeeded": 1, "rows.read": 20, "rows.loaded": 18, "rows.rejected": 6}
    assert counted({}, "failed", Figures(rows_read=5, rows_unreadable=2))["rows.rejected"] == 2


def test_the_file_is_replaced_and_everybody_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "textfile" / "warehouse.prom"
    mask = os.umask(0o077)
    try:
        write_metrics(RUN, STATE, file)
        write_metrics(RUN, STATE, file)
    finally:
        os.umask(mask)

    assert file.read_bytes() == metrics_text(RUN, STATE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_cannot_be_written_says_which_setting(tmp_path: Path) -> None:
    with pytest.raises(MetricsError, match="Correct REFRESH_METRICS_FILE"):
        write_metrics(RUN, STATE, tmp_path)
