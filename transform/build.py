"""Run `dbt build` in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.settings import CHECKOUT

PROJECT = CHECKOUT / "dbt_project"
LOG = "dbt.log"

# Unit tests check the code, not the data.
_BUILD = (
    *("build", "--exclude-resource-type", "unit_test"),
    # By their whole paths, so that the working directory does not matter.
    *("--project-dir", str(PROJECT), "--profiles-dir", str(CHECKOUT)),
)

# Warnings about results, which the results say as well.
_ABOUT_RESULTS = ("LogTestResult", "LogModelResult", "LogSeedResult", "EndOfRunSummary", "RunResult")


@dataclass(frozen=True)
class Result:
    """What became of one model, seed or test.

    Attributes:
        name: Its name.
        kind: What it is: `table`, `view`, `seed`, `test`, or another type that dbt has, such as `operation`.
        status: What dbt calls it: `success`, `pass`, `warn`, `fail`, `error`, `skipped` …
        message: What dbt says of it, on as many lines as that takes.
        description: What the project says of it.
        path: Its file, relative to the project.
    """

    name: str
    kind: str
    status: str
    message: str
    description: str
    path: str


@dataclass(frozen=True)
class Outcome:
    """What became of a build. It is true if nothing failed.

    Attributes:
        is_successful: Whether nothing failed.
        results: What became of each node, in the order of their ends.
        warnings: What else dbt warned of.
        error: Why dbt could not build at all; None if it could.
    """

    is_successful: bool
    results: tuple[Result, ...]
    warnings: tuple[str, ...] = ()
    error: str | None = None

    def __bool__(self) -> bool:
        """Return whether nothing failed."""
        return self.is_successful


def build_models(logs: Path, on_event: Callable[[Any], None]) -> Outcome:
    """Build and test the models, and print nothing.

    Args:
        logs: Directory of dbt's log.
        on_event: Called with each event of dbt's.

    Raises:
        KeyboardInterrupt: The build was interrupted; dbt has cancelled its queries.
    """
    from dbt.cli.main import dbtRunner

    warnings: list[str] = []

    def observe(event: Any) -> None:  # noqa: ANN401 - dbt's type has no stable home
        if event.info.level == "warn" and not event.info.name.startswith(_ABOUT_RESULTS):
            warnings.append(event.info.msg)
        on_event(event)

    done = dbtRunner(callbacks=[observe]).invoke(
        [*_BUILD, "--log-path", str(logs), "--log-level", "none", "--log-level-file", "debug", "--quiet"]
    )
    _raise_interruption(done)
    results = getattr(done.result, "results", None) or []
    return Outcome(
        is_successful=done.success,
        results=tuple(map(_result, results)),
        warnings=tuple(warnings),
        error=str(done.exception) if done.exception else None,
    )


def build_verbosely(logs: Path) -> bool:
    """Build and test the models while dbt prints what it prints; return whether nothing failed.

    Raises:
        KeyboardInterrupt: The build was interrupted; dbt has cancelled its queries.
    """
    from dbt.cli.main import dbtRunner

    done = dbtRunner().invoke([*_BUILD, "--log-path", str(logs)])
    _raise_interruption(done)
    return done.success


def _raise_interruption(done: Any) -> None:  # noqa: ANN401 - dbt's type has no stable home
    """Raise the interruption that dbt has caught."""
    if isinstance(done.exception, KeyboardInterrupt):
        raise done.exception


def _result(result: Any) -> Result:  # noqa: ANN401 - dbt's type has no stable home
    node = result.node
    kind = str(node.resource_type)
    if kind == "model":
        kind = "view" if node.config.materialized == "view" else "table"
    return Result(
        name=node.name,
        kind=kind,
        status=str(result.status),
        message=result.message or "",
        description=" ".join(node.description.split()),
        path=node.original_file_path,
    )
