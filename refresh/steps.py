"""The steps of a run, in their order: what each executes, when it is tried again, and what it finds."""

import contextlib
import glob
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from refresh.dbt_results import (
    REJECT_RATIO,
    RUN_RESULTS,
    SOURCES,
    NodeResult,
    describe_build,
    judge_build,
    judge_freshness,
    read_nodes,
    read_sources,
    would_fail_again,
)
from refresh.errors import StateError
from refresh.problems import Judgement, Problem
from refresh.programs import Ended, command, dbt_command, run_program
from refresh.settings import Settings
from warehouse.connection import connected, default_conninfo, one_line
from warehouse.errors import WarehouseError
from warehouse.settings import CHECKOUT
from warehouse.texts import printable

CONNECT, LOAD, BUILD, FRESHNESS, EXTRACT, REPORT = "connect", "load", "build", "freshness", "extract", "report"
STEPS = (CONNECT, LOAD, BUILD, FRESHNESS, EXTRACT, REPORT)

_LOADS_TABLE = "select to_regclass('raw.loads') is not null"
_HAS_LOADS = "select exists (select from raw.loads)"

_SUFFIXES = ("csv", "csv.gz", "csv.zst", "csv.bz2", "csv.xz", "csv.zip")

_OUTCOMES = "select load_id, rows_rejected from {{ ref('load_outcomes') }} order by load_id desc"

# Failures of a load that are about the file; all others keep every file out, and are one problem.
_FILE_FAILURES = ("source", "header", "format", "too_many_rejects", "load_failed")
# Failures of a load that are not the file's, so that another attempt may succeed.
_PASSING_FAILURES = ("connection_failed", "embedded_server", "load_failed", "lock_timeout")

# What shells give for a program that is not there.
_NOT_RUN = 127

SUCCEEDED, FAILED, SKIPPED = "succeeded", "failed", "skipped"


@dataclass
class Figures:
    """What the steps of a run have counted so far; None where nothing did.

    Attributes:
        load_ids: The loads that this run made.
        rows_read: Rows of their files.
        rows_loaded: Rows of them that could be read.
        rows_unreadable: Rows of them that could not.
        rows_rejected: Rows of them that were rejected by the build, unreadable ones included.
        tests: Number of tests by status.
        reject_percentage: Highest percentage of rejected rows of a file, if the test of it warned or failed; else 0.
        source_age_seconds: Seconds since the last file arrived.
    """

    load_ids: list[int] = field(default_factory=list)
    rows_read: int = 0
    rows_loaded: int = 0
    rows_unreadable: int = 0
    rows_rejected: int | None = None
    tests: dict[str, int] | None = None
    reject_percentage: int | None = None
    source_age_seconds: float | None = None


@dataclass(frozen=True)
class Attempt:
    """One attempt at a step.

    Attributes:
        succeeded: Whether the step did what it is for.
        judgement: What it found.
        may_pass: Whether another attempt may succeed.
    """

    succeeded: bool
    judgement: Judgement
    may_pass: bool = False


@dataclass(frozen=True)
class StepResult:
    """The result of a step after its last attempt.

    Attributes:
        step: Its name.
        outcome: `succeeded`, `failed` or `skipped`.
        attempts: Number of attempts.
        seconds: Time that they took, pauses included.
        judgement: What it found; None if it was skipped.
    """

    step: str
    outcome: str
    attempts: int = 0
    seconds: float = 0.0
    judgement: Judgement | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON values, without what it found."""
        return {
            "step": self.step,
            "outcome": self.outcome,
            "attempts": self.attempts,
            "seconds": round(self.seconds, 3),
        }


class Steps:
    """The steps of one run.

    Args:
        folder: Where files are dropped.
        settings: The settings of the run.
        lock: Descriptor of the lock that programs inherit.
        say: Called with a line for the log.

    Attributes:
        figures: What was counted so far.
        has_loads: Whether the warehouse holds a load; None if nobody has looked.
    """

    def __init__(self, folder: Path, settings: Settings, lock: int, say: Callable[[str], None]) -> None:
        self.figures = Figures()
        self.has_loads: bool | None = None
        self._folder = folder
        self._settings = settings
        self._lock = lock
        self._say = say

    def perform(self, step: str) -> StepResult:
        """Try a step until it succeeds, cannot, or was tried often enough."""
        began = time.monotonic()
        pause = self._settings.backoff_seconds
        for number in range(1, self._settings.attempts + 1):
            attempt = self._attempts[step]()
            if attempt.succeeded or not attempt.may_pass or number == self._settings.attempts:
                break
            self._say(f"The step {step} failed; attempt {number + 1} of {self._settings.attempts} in {pause} s.")
            time.sleep(pause)
            pause *= 2
        outcome = SUCCEEDED if attempt.succeeded else FAILED
        return StepResult(step, outcome, number, time.monotonic() - began, attempt.judgement)

    def dropped(self) -> list[str]:
        """Return patterns that match all files in the folder, none of which matches nothing."""
        folder = glob.escape(str(self._folder))
        patterns = [f"{folder}/*.{suffix}" for suffix in _SUFFIXES]
        return [pattern for pattern in patterns if glob.glob(pattern)]

    @property
    def _attempts(self) -> dict[str, Callable[[], Attempt]]:
        return {
            CONNECT: self._connect,
            LOAD: self._load,
            BUILD: self._build,
            FRESHNESS: self._freshness,
            EXTRACT: lambda: self._simple(EXTRACT, "ingest", "extract", "--schema", "analytics", "--quiet"),
            REPORT: lambda: self._simple(REPORT, "report"),
        }

    def _connect(self) -> Attempt:
        """Look whether the database answers, and whether there is anything to build from."""
        try:
            with connected(default_conninfo()) as session, session.cursor() as cursor:
                cursor.execute(_LOADS_TABLE)
                self.has_loads = cursor.fetchone() == (True,)
                if self.has_loads:
                    cursor.execute(_HAS_LOADS)
                    self.has_loads = cursor.fetchone() == (True,)
        except (WarehouseError, psycopg2.Error) as error:
            self._say(
                f"Error: {error}"
                if isinstance(error, WarehouseError)
                else f"Error: PostgreSQL refused to answer: {printable(one_line(error))}."
            )
            problem = Problem(CONNECT, "database_unreachable", "database")
            return Attempt(succeeded=False, judgement=Judgement(CONNECT, [problem]), may_pass=True)
        return Attempt(succeeded=True, judgement=Judgement(CONNECT))

    def _load(self) -> Attempt:
        ended = self._run(LOAD, command("ingest", "load", "--quiet", "--json", *self.dropped()), keeps_output=True)
        try:
            said = json.loads(ended.output)
        except ValueError:
            return self._failed(LOAD, ended)
        for load in said["loads"]:
            self._count(load)
        failures = said["failures"]
        of_files = [failure["source_name"] for failure in failures if failure["kind"] in _FILE_FAILURES]
        others = [failure["source_name"] for failure in failures if failure["kind"] not in _FILE_FAILURES]
        problems = [Problem(LOAD, "load_failed", name) for name in dict.fromkeys(of_files)]
        if others:
            problems.append(Problem(LOAD, "step_failed", LOAD))
        return Attempt(
            succeeded=ended.code == 0,
            judgement=Judgement(LOAD, problems, undecided=frozenset(others)),
            may_pass=any(failure["kind"] in _PASSING_FAILURES for failure in failures),
        )

    def _count(self, load: dict[str, Any]) -> None:
        if load["status"] == "already loaded":
            return
        self.has_loads = True
        self.figures.load_ids.append(load["load_id"])
        self.figures.rows_read += load["rows_read"]
        self.figures.rows_loaded += load["rows_loaded"]
        self.figures.rows_unreadable += load["rows_rejected"]
        self._say(
            f"Loaded {load['source_name']!r} as load {load['load_id']}: "
            f"{load['rows_read']:,} rows, {load['rows_rejected']:,} of them unreadable."
        )

    def _build(self) -> Attempt:
        # Unit tests check the code, not the data.
        ended = self._dbt(BUILD, RUN_RESULTS, "build", "--exclude-resource-type", "unit_test")
        nodes = read_nodes(self._settings.dbt_target)
        self._count_tests(nodes)
        succeeded = ended.code == 0
        if succeeded:
            self._count_rejected()
            self._say(describe_build(nodes))
        else:
            self._say(f"dbt's log: {self._log}")
        return Attempt(
            succeeded=succeeded,
            judgement=judge_build(BUILD, nodes, succeeded=succeeded),
            may_pass=not would_fail_again(nodes),
        )

    @property
    def _log(self) -> Path:
        """The log of dbt's commands."""
        return self._settings.directory / "logs" / "dbt.log"

    def _count_tests(self, nodes: Sequence[NodeResult]) -> None:
        tests = [node for node in nodes if node.is_test]
        if tests:
            self.figures.tests = dict(Counter(node.status for node in tests))
        ratios = [node.failures for node in tests if node.name == REJECT_RATIO and node.status != "skipped"]
        self.figures.reject_percentage = ratios[0] if ratios else None

    def _count_rejected(self) -> None:
        """Count the rejected rows of this run's loads. The account of dbt may read the marts; ours need not."""
        if not self.figures.load_ids:
            self.figures.rows_rejected = 0
            return
        # Others may load meanwhile, so the newest loads are more than ours.
        newest = str(len(self.figures.load_ids) + 100)
        ended = self._dbt(BUILD, "", "--quiet", "show", "--inline", _OUTCOMES, "--limit", newest, "--output", "json")
        with contextlib.suppress(ValueError, KeyError):
            rejected = {row["load_id"]: int(row["rows_rejected"]) for row in json.loads(ended.output)["show"]}
            self.figures.rows_rejected = sum(rejected[load_id] for load_id in self.figures.load_ids)

    def _freshness(self) -> Attempt:
        ended = self._dbt(FRESHNESS, SOURCES, "source", "freshness")
        sources = read_sources(self._settings.dbt_target)
        self.figures.source_age_seconds = max(
            (source.age_seconds for source in sources if source.age_seconds is not None), default=None
        )
        looked = bool(sources) and all(source.status in ("pass", "warn", "error") for source in sources)
        return Attempt(
            # A stale source is a finding, not a failure of this run.
            succeeded=looked,
            judgement=judge_freshness(FRESHNESS, sources, succeeded=looked and not ended.timed_out),
            may_pass=True,
        )

    def _simple(self, step: str, *arguments: str) -> Attempt:
        ended = self._run(step, command(*arguments))
        if ended.code == 0:
            return Attempt(succeeded=True, judgement=Judgement(step))
        return self._failed(step, ended)

    def _failed(self, step: str, ended: Ended) -> Attempt:
        """A step whose program says nothing of what it found."""
        problem = Problem(step, "step_failed", step)
        return Attempt(
            succeeded=False,
            judgement=Judgement(step, [problem], is_complete=False),
            may_pass=not ended.timed_out,
        )

    def _dbt(self, step: str, artifact: str, *arguments: str) -> Ended:
        """Run dbt on this project, and let no result of an earlier command pass for one of this one."""
        if artifact:
            file = self._settings.dbt_target / artifact
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise StateError(f"{file} cannot be removed: {error.strerror or error}. Make it writable.") from None
        directories = (
            *("--project-dir", str(CHECKOUT / "dbt_project")),
            *("--profiles-dir", str(self._settings.dbt_profiles)),
            *("--target-path", str(self._settings.dbt_target)),
            *("--log-path", str(self._log.parent)),
            # All that dbt says is in its log.
            *("--log-level", "warn", "--log-level-file", "debug", "--no-use-colors"),
        )
        return self._run(step, dbt_command(*arguments, *directories), keeps_output=not artifact)

    def _run(self, step: str, arguments: Sequence[str], *, keeps_output: bool = False) -> Ended:
        seconds = self._settings.step_seconds
        try:
            ended = run_program(arguments, seconds=seconds, lock=self._lock, keeps_output=keeps_output)
        except OSError as error:
            self._say(f"Error: {arguments[0]} cannot be run: {error.strerror or error}.")
            return Ended(_NOT_RUN, "", timed_out=False)
        if ended.timed_out:
            self._say(f"Error: the step {step} took more than {seconds} s and was ended (REFRESH_STEP_SECONDS).")
        return ended
