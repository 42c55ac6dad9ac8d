"""The last run as Prometheus metrics, in a file for the textfile collector of node_exporter.

Labels are names of steps, outcomes and statuses, never of files, so there is a fixed number of series.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from refresh.errors import MetricsError
from refresh.problems import ERROR, WARNING
from refresh.state import State
from refresh.steps import Figures, StepResult
from warehouse.files import written_atomically

_PREFIX = "warehouse_refresh_"

# dbt's statuses of a test.
_TEST_STATUSES = ("pass", "warn", "fail", "error", "skipped")

# The counters of all runs: their label, its values and what they count.
_COUNTERS = {
    "runs": ("outcome", ("succeeded", "failed", "interrupted"), "Runs that have ended."),
    "rows": ("result", ("read", "loaded", "rejected"), "Rows of the files that were loaded."),
}

# Readable for the account of node_exporter, whatever the mask is; there is nothing secret in it.
_FILE_MODE = 0o644


@dataclass(frozen=True)
class EndedRun:
    """What the metrics say of a run.

    Attributes:
        started_at: When it began.
        finished_at: When it ended.
        succeeded: Whether nothing failed.
        figures: What it counted.
        steps: What it did.
    """

    started_at: datetime
    finished_at: datetime
    succeeded: bool
    figures: Figures
    steps: tuple[StepResult, ...]


def counted(totals: Mapping[str, float], outcome: str, figures: Figures) -> dict[str, float]:
    """Return the counters after a run.

    Args:
        totals: The counters before.
        outcome: How the run ended.
        figures: What it counted.
    """
    added = {
        f"runs.{outcome}": 1,
        "rows.read": figures.rows_read,
        "rows.loaded": figures.rows_loaded,
        # Where no build has judged the rows, those that could not be read.
        "rows.rejected": figures.rows_unreadable if figures.rows_rejected is None else figures.rows_rejected,
    }
    return {name: totals.get(name, 0) + added.get(name, 0) for name in {**totals, **added}}


def metrics_text(run: EndedRun, state: State) -> bytes:
    """Return the metrics in the text format of Prometheus, in UTF-8.

    Args:
        run: The run that has ended.
        state: The state after it.
    """
    registry = CollectorRegistry()
    registry.register(_Metrics(run, state))
    return generate_latest(registry)


def write_metrics(run: EndedRun, state: State, file: Path) -> None:
    """Replace the file of the metrics; whoever reads it meanwhile reads the old one or the new one.

    Raises:
        MetricsError: The file cannot be written.
    """
    try:
        with written_atomically(file) as temporary:
            temporary.write_bytes(metrics_text(run, state))
            temporary.chmod(_FILE_MODE)
    except OSError as error:
        raise MetricsError(f"{file}: {error.strerror or error}. Correct REFRESH_METRICS_FILE.") from None


class _Metrics(Collector):
    """The metrics of one run."""

    def __init__(self, run: EndedRun, state: State) -> None:
        self._run = run
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics. What the run does not know is left out, so that nothing else passes for it."""
        run, state, figures = self._run, self._state, self._run.figures
        yield _gauge("last_run_timestamp_seconds", "When the last run ended.", run.finished_at.timestamp())
        if state.last_success:
            yield _gauge(
                "last_success_timestamp_seconds",
                "When the last run without a failure ended.",
                state.last_success.timestamp(),
            )
        yield _gauge("last_run_succeeded", "Whether nothing failed in the last run.", run.succeeded)
        seconds = (run.finished_at - run.started_at).total_seconds()
        yield _gauge("last_run_duration_seconds", "How long the last run took.", seconds)
        yield _gauges(
            "last_run_step_duration_seconds",
            "How long each step of the last run took, with all attempts.",
            "step",
            {step.step: step.seconds for step in run.steps if step.attempts},
        )
        rows = {"read": figures.rows_read, "loaded": figures.rows_loaded, "rejected": figures.rows_rejected}
        yield _gauges(
            "last_run_rows",
            "Rows of the files that the last run loaded: read, readable, and rejected by the build.",
            "result",
            {result: count for result, count in rows.items() if count is not None},
        )
        if figures.tests is not None:
            yield _gauges(
                "last_run_tests",
                "Tests of the models in the last run, by their result.",
                "status",
                {status: figures.tests.get(status, 0) for status in _TEST_STATUSES},
            )
        if figures.reject_percentage is not None:
            yield _gauge(
                "last_run_reject_percentage",
                "Highest percentage of rejected rows of a file, if the test reject_ratio warned or failed; else 0.",
                figures.reject_percentage,
            )
        if figures.source_age_seconds is not None:
            arrived_at = run.finished_at - timedelta(seconds=figures.source_age_seconds)
            yield _gauge("last_load_timestamp_seconds", "When the last file was loaded.", arrived_at.timestamp())
        severities = [problem.severity for problem in state.problems]
        yield _gauges(
            "open_problems",
            "Problems that are open.",
            "severity",
            {severity: severities.count(severity) for severity in (ERROR, WARNING)},
        )
        yield _gauge(
            "untold_problems",
            "Open problems that nobody was told of, because no alert could be delivered or none is set up.",
            sum(problem.is_to_be_told for problem in state.problems),
        )
        for name, (label, values, help_text) in _COUNTERS.items():
            counter = CounterMetricFamily(_PREFIX + name, help_text, labels=[label])
            for value in values:
                counter.add_metric([value], state.totals.get(f"{name}.{value}", 0))
            yield counter


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(_PREFIX + name, help_text, value=float(value))


def _gauges(name: str, help_text: str, label: str, values: Mapping[str, float]) -> Metric:
    metric = GaugeMetricFamily(_PREFIX + name, help_text, labels=[label])
    for label_value, value in values.items():
        metric.add_metric([label_value], float(value))
    return metric
