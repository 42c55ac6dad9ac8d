"""One run: the steps in their order, then what others learn of it."""

import contextlib
import signal
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from refresh.alerts import deliver, has_outlet
from refresh.errors import AlertError, DamagedStateError, MetricsError, StateError
from refresh.metrics import EndedRun, counted, write_metrics
from refresh.problems import Judgement, Problem, still_open
from refresh.programs import Terminated, terminable
from refresh.record import INTERRUPTED, record_runs, run_values
from refresh.settings import Settings
from refresh.state import State, StateDirectory
from refresh.steps import (
    BUILD,
    CONNECT,
    EXTRACT,
    FAILED,
    LOAD,
    REPORT,
    SKIPPED,
    STEPS,
    SUCCEEDED,
    Figures,
    StepResult,
    Steps,
)
from refresh.summary import describe_run
from warehouse.errors import WarehouseError
from warehouse.signals import exit_code

# Where a run notices that the one before it was killed.
_START = "start"

_INTERRUPTED = "Interrupted. The next run continues."


def refresh(folder: Path, settings: Settings, *, without: Sequence[str] = (), say: Callable[[str], None]) -> int:
    """Bring the warehouse up to date, unless another run is about it.

    Args:
        folder: Where files are dropped.
        settings: The settings of the run.
        without: Names of the steps to leave out.
        say: Called with each line for the log.

    Returns:
        The exit code: 0 if nothing failed or another run is in progress, 1 if something failed or an alert or the
        metrics could not be delivered, 128 and the number of the signal if the run was ended.

    Raises:
        StateError: The files that runs leave to the next one cannot be read or written.
    """
    try:
        return _refresh(folder, settings, without, say)
    except StateError:
        # Who was told of this cannot be written down either, so each run tells of it.
        if has_outlet(settings):
            with contextlib.suppress(AlertError):
                deliver([Problem(_START, "state_unusable", "directory")], "", settings)
        raise


def _refresh(folder: Path, settings: Settings, without: Sequence[str], say: Callable[[str], None]) -> int:
    directory = StateDirectory(settings.directory)
    with directory.lock() as lock:
        if lock is None:
            say("Another run is in progress, so this one does nothing.")
            return 0
        run = _Run(directory, folder, settings, lock, say)
        try:
            with terminable():
                return run.perform(without)
        except (Terminated, KeyboardInterrupt) as interruption:
            # After its steps. The next run tells, records and measures what this one has found.
            say(_INTERRUPTED)
            return _signal_code(interruption)


def _signal_code(interruption: BaseException) -> int:
    return exit_code(signal.SIGINT if isinstance(interruption, KeyboardInterrupt) else signal.SIGTERM)


class _Run:
    """A run that holds the lock."""

    def __init__(
        self, directory: StateDirectory, folder: Path, settings: Settings, lock: int, say: Callable[[str], None]
    ) -> None:
        self._directory = directory
        self._folder = folder
        self._settings = settings
        self._say = say
        self._id = str(uuid.uuid4())
        self._began = datetime.now(UTC)
        self._results: list[StepResult] = []
        self._judgements: list[Judgement] = []
        self._steps = Steps(folder, settings, lock, say)
        try:
            self._state = directory.read()
        except DamagedStateError as error:
            say(f"Warning: {error}")
            self._state = State()
        self._finished_at = self._began

    def perform(self, without: Sequence[str]) -> int:
        """Do the steps, and let others learn of the run. Return the exit code."""
        try:
            self._judgements.append(self._take_over())
            for step in STEPS:
                if step == REPORT and step not in without:
                    # The report shows this run.
                    self._record([self._values(self._outcome, self._found())])
                skipped = StepResult(step, SKIPPED) if step in without else self._skipped(step)
                result = skipped or self._steps.perform(step)
                self._results.append(result)
                if result.judgement:
                    self._judgements.append(result.judgement)
        except (Terminated, KeyboardInterrupt) as interruption:
            self._leave(INTERRUPTED, self._state.problems)
            self._record(self._state.waiting)
            self._say(_INTERRUPTED)
            return _signal_code(interruption)
        self._leave(self._outcome, self._found())
        is_told = self._tell()
        self._record(self._state.waiting)
        is_measured = self._measure()
        failures = [
            *(f"the step {result.step}" for result in self._results if result.outcome == FAILED),
            *([] if is_told else ["the alert"]),
            *([] if is_measured else ["the metrics"]),
        ]
        seconds = (datetime.now(UTC) - self._began).total_seconds()
        self._say(describe_run(seconds, self._steps.figures, problems=len(self._state.problems), failures=failures))
        return 1 if failures else 0

    @property
    def _outcome(self) -> str:
        """How the run ends, by its steps so far."""
        return FAILED if any(result.outcome == FAILED for result in self._results) else SUCCEEDED

    def _found(self) -> list[Problem]:
        """Return the problems that are open, as far as the run has come."""
        return still_open(self._state.problems, self._judgements, datetime.now(UTC))

    def _take_over(self) -> Judgement:
        """Look what the last run has left, and leave a trace in case that this one is killed."""
        state, problems = self._state, []
        if state.running is not None:
            run_id, began = state.running
            problems = [Problem(_START, INTERRUPTED, "run")]
            self._state = state = replace(
                state,
                waiting=(*state.waiting, run_values(run_id, began, self._began, INTERRUPTED)),
                totals=counted(state.totals, INTERRUPTED, Figures()),
            )
        self._save(running=(self._id, self._began))
        return Judgement(_START, problems)

    def _skipped(self, step: str) -> StepResult | None:
        """Return the result of a step that there is no reason to do; None if there is one."""
        outcomes = {result.step: result.outcome for result in self._results}
        if step == CONNECT:
            return None
        if outcomes[CONNECT] == FAILED:
            return StepResult(step, SKIPPED)
        if step == LOAD:
            # A file that is gone can no longer fail.
            return None if self._steps.dropped() else StepResult(step, SKIPPED, judgement=Judgement(step))
        if not self._steps.has_loads:
            if step == BUILD:
                self._say(f"There is no .csv file in {self._folder}, compressed or not: nothing is loaded or built.")
            return StepResult(step, SKIPPED)
        return StepResult(step, SKIPPED) if step == EXTRACT and outcomes[BUILD] != SUCCEEDED else None

    def _leave(self, outcome: str, problems: Sequence[Problem]) -> None:
        """Write down what the run leaves, before anybody learns of it."""
        self._finished_at = datetime.now(UTC)
        self._save(
            running=None,
            problems=tuple(problems),
            waiting=(*self._state.waiting, self._values(outcome, problems)),
            totals=counted(self._state.totals, outcome, self._steps.figures),
            last_success=self._finished_at if outcome == SUCCEEDED else self._state.last_success,
        )
        for problem in problems:
            since = f", since {problem.since:%Y-%m-%d %H:%M} UTC" if problem.since else ""
            self._say(f"Problem ({problem.severity}{since}): {problem.summary} {problem.advice}")

    def _tell(self) -> bool:
        """Tell of what nobody was told yet; return False if somebody should have learned of it and has not."""
        untold = [problem for problem in self._state.problems if problem.is_to_be_told]
        if not untold or not has_outlet(self._settings):
            return True
        try:
            deliver(untold, self._id, self._settings)
        except AlertError as error:
            self._say(f"Error: {error} The next run tries again.")
            return False
        told = [
            replace(problem, told_severity=problem.severity) if problem in untold else problem
            for problem in self._state.problems
        ]
        self._save(problems=tuple(told))
        return True

    def _record(self, runs: Sequence[dict[str, Any]]) -> None:
        """Record runs in the warehouse. What it does not take waits for the next run."""
        try:
            record_runs(runs)
        except WarehouseError as error:
            if runs == self._state.waiting:
                self._say(f"Warning: the run is not recorded yet. {error}")
            return
        if runs == self._state.waiting:
            self._save(waiting=())

    def _measure(self) -> bool:
        if self._settings.metrics_file is None:
            return True
        run = EndedRun(
            self._began,
            self._finished_at,
            self._outcome == SUCCEEDED,
            self._steps.figures,
            tuple(self._results),
        )
        try:
            write_metrics(run, self._state, self._settings.metrics_file)
        except MetricsError as error:
            self._say(f"Error: {error}")
            return False
        return True

    def _values(self, outcome: str, problems: Sequence[Problem] = ()) -> dict[str, Any]:
        return run_values(
            self._id,
            self._began,
            datetime.now(UTC),
            outcome,
            figures=self._steps.figures,
            steps=self._results,
            problems=problems,
        )

    def _save(self, **changes: Any) -> None:  # noqa: ANN401 - the attributes of State
        self._state = replace(self._state, **changes)
        self._directory.write(self._state)
