"""What dbt says of a command, in run_results.json (version 6) and sources.json (version 3)."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refresh.problems import ERROR, WARNING, Judgement, Problem

RUN_RESULTS = "run_results.json"
SOURCES = "sources.json"

# The test whose number of failures is a percentage, the highest of the files that it looked at. Of a test that passes,
# dbt says 0.
REJECT_RATIO = "reject_ratio"

# What a hook refuses concerns all that would have been built.
_HOOK = "dbt"

# How the message of a node begins if a macro of ours raised it; of a database that is away, it begins otherwise.
_REFUSAL = "Compilation Error"

_BAD = ("error", "fail", "runtime error", "partial success")


@dataclass(frozen=True)
class NodeResult:
    """The result of one node.

    Attributes:
        name: Its name, for a generic test without the digest at its end; `dbt` for a hook.
        is_test: Whether it is a test; else a model, a seed or a hook.
        status: `success`, `pass`, `warn`, `fail`, `error`, `skipped` …
        failures: What a test has counted, if it warned or failed; else 0, or None for other nodes.
        is_refused: Whether one of our macros has refused to build it, for example because rules have changed.
    """

    name: str
    is_test: bool
    status: str
    failures: int | None
    is_refused: bool = False


@dataclass(frozen=True)
class SourceResult:
    """The freshness of one source.

    Attributes:
        name: Schema and table.
        status: `pass`, `warn`, `error`, or `runtime error` if it could not be read.
        age_seconds: Age of its newest row; None if there is none.
    """

    name: str
    status: str
    age_seconds: float | None


def read_nodes(directory: Path) -> list[NodeResult]:
    """Return the results of the last command; none if it did not get so far."""
    return [
        NodeResult(
            name=_HOOK if result["unique_id"].startswith("operation.") else result["unique_id"].split(".")[2],
            is_test=result["unique_id"].startswith("test."),
            status=str(result["status"]),
            failures=result.get("failures"),
            is_refused=str(result.get("message")).startswith(_REFUSAL),
        )
        for result in _results(directory / RUN_RESULTS)
    ]


def read_sources(directory: Path) -> list[SourceResult]:
    """Return the freshness of the sources; nothing if the command did not get so far."""
    return [
        SourceResult(
            name=".".join(result["unique_id"].split(".")[2:]),
            status=str(result["status"]),
            age_seconds=result.get("max_loaded_at_time_ago_in_s"),
        )
        for result in _results(directory / SOURCES)
    ]


def describe_build(nodes: Sequence[NodeResult]) -> str:
    """Say what a build that succeeded has built and tested."""
    tests = Counter(node.status for node in nodes if node.is_test)
    models = sum(not node.is_test and node.status == "success" and node.name != _HOOK for node in nodes)
    warned = f", {tests['warn']} warned" if tests["warn"] else ""
    return f"Built {models} models and seeds: {tests['pass']} tests passed{warned}."


def judge_build(step: str, nodes: Sequence[NodeResult], *, succeeded: bool) -> Judgement:
    """Say what a build found.

    Args:
        step: Name of the step.
        nodes: Its results.
        succeeded: Whether dbt says that all is well.
    """
    problems = list(_problems(step, nodes))
    if not succeeded and not any(problem.severity == ERROR for problem in problems):
        problems.append(Problem(step, "build_failed", "dbt"))
    return Judgement(
        step,
        problems,
        is_complete=any(node.is_test for node in nodes),
        undecided=frozenset(node.name for node in nodes if node.status == "skipped"),
    )


def judge_freshness(step: str, sources: Sequence[SourceResult], *, succeeded: bool) -> Judgement:
    """Say which sources are stale."""
    problems = [
        Problem(step, "stale", source.name, WARNING if source.status == "warn" else ERROR)
        for source in sources
        if source.status in ("warn", "error")
    ]
    if not succeeded and not problems:
        problems = [Problem(step, "step_failed", step)]
    return Judgement(step, problems, is_complete=succeeded or bool(sources))


def would_fail_again(nodes: Sequence[NodeResult]) -> bool:
    """Return whether another attempt would fail as well: tests failed on the data, or our macros refuse to build."""
    bad = [node for node in nodes if node.status in _BAD]
    return bool(bad) and all(node.status == "fail" or node.is_refused for node in bad)


def _problems(step: str, nodes: Sequence[NodeResult]) -> Iterator[Problem]:
    for node in nodes:
        if node.is_test and node.status == "warn":
            yield Problem(step, "test_warned", node.name, WARNING)
        elif node.status in _BAD:
            yield Problem(step, "test_failed" if node.is_test else "build_failed", node.name)


def _results(file: Path) -> list[Any]:
    try:
        return list(json.loads(file.read_text(encoding="utf-8"))["results"])
    except (OSError, ValueError, KeyError):
        return []
