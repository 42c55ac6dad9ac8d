"""Which problems are open after a run, and which of them are to be told."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from refresh.dbt_results import (
    RUN_RESULTS,
    NodeResult,
    SourceResult,
    describe_build,
    judge_build,
    judge_freshness,
    read_nodes,
    would_fail_again,
)
from refresh.problems import ERROR, WARNING, Judgement, Problem, still_open
from refresh.steps import Figures
from refresh.summary import describe_run

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
LATER = datetime(2026, 1, 3, 3, 4, tzinfo=UTC)

BAD_FILE = Problem("load", "load_failed", "bad.csv")


def test_a_problem_that_stays_is_the_same_one_and_told_once() -> None:
    (found,) = still_open([], [Judgement("load", [BAD_FILE])], NOW)
    assert found.is_to_be_told

    told = replace(found, told_severity=found.severity)
    (again,) = still_open([told], [Judgement("load", [Problem("load", "load_failed", "bad.csv")])], LATER)

    assert again == told
    assert (again.since, again.is_to_be_told) == (NOW, False)


def test_one_that_comes_back_is_a_new_one() -> None:
    told = replace(BAD_FILE, since=NOW, told_severity=ERROR)

    assert still_open([told], [Judgement("load")], LATER) == []
    (back,) = still_open([], [Judgement("load", [Problem("load", "load_failed", "bad.csv")])], LATER)
    assert back.is_to_be_told
    assert back.id != told.id


def test_a_step_that_did_not_look_closes_nothing() -> None:
    told = replace(BAD_FILE, since=NOW, told_severity=ERROR)

    assert still_open([told], [], LATER) == [told]
    assert still_open([told], [Judgement("build")], LATER) == [told]
    assert still_open([told], [Judgement("load", is_complete=False)], LATER) == [told]
    assert still_open([told], [Judgement("load", undecided=frozenset({"bad.csv"}))], LATER) == [told]


def test_a_warning_that_becomes_an_error_is_told_again_but_not_back_and_forth() -> None:
    warning = replace(Problem("build", "test_warned", "reject_ratio", WARNING), since=NOW, told_severity=WARNING)
    failing = Judgement("build", [Problem("build", "test_failed", "reject_ratio")])

    (worse,) = still_open([warning], [failing], LATER)
    assert (worse.id, worse.kind, worse.severity, worse.is_to_be_told) == (warning.id, "test_failed", ERROR, True)

    told = replace(worse, told_severity=ERROR)
    (better,) = still_open([told], [Judgement("build", [warning])], LATER)
    (worse_again,) = still_open([better], [failing], LATER)
    assert [better.is_to_be_told, worse_again.is_to_be_told] == [False, False]


def test_names_are_one_printable_line() -> None:
    hostile = replace(BAD_FILE, subject="a\n- error: all is well\x1b[31m\u202e" + "x" * 1000)

    for text in (hostile.summary, hostile.advice, str(hostile.to_dict()["subject"])):
        assert text.isprintable()
        assert len(text) < 400


def node(name: str, status: str, *, is_test: bool = True) -> NodeResult:
    return NodeResult(name, is_test, status, None)


def test_a_build_is_described_in_one_line() -> None:
    built = [node("charges", "success", is_test=False), node("dbt", "success", is_test=False), node("one", "pass")]

    assert describe_build(built) == "Built 1 models and seeds: 1 tests passed."
    assert describe_build([*built, node("two", "warn")]) == "Built 1 models and seeds: 1 tests passed, 1 warned."


def test_a_build_is_judged_by_its_nodes() -> None:
    nodes = [
        node("charges", "success", is_test=False),
        node("companies", "error", is_test=False),
        node("reject_ratio", "warn"),
        node("conservation", "fail"),
        node("unique_id", "pass"),
        node("later", "skipped"),
    ]

    judgement = judge_build("build", nodes, succeeded=False)

    assert {(one.kind, one.subject, one.severity) for one in judgement.problems} == {
        ("build_failed", "companies", ERROR),
        ("test_warned", "reject_ratio", WARNING),
        ("test_failed", "conservation", ERROR),
    }
    assert judgement.is_complete
    assert judgement.undecided == {"later"}


def test_a_build_that_did_not_begin_is_one_problem_and_says_nothing_of_the_others() -> None:
    judgement = judge_build("build", [], succeeded=False)

    assert [(one.kind, one.subject) for one in judgement.problems] == [("build_failed", "dbt")]
    assert not judgement.is_complete


def test_only_bad_data_is_not_worth_another_attempt() -> None:
    assert would_fail_again([node("reject_ratio", "fail"), node("later", "skipped")])
    assert not would_fail_again([node("reject_ratio", "fail"), node("companies", "error", is_test=False)])
    assert not would_fail_again([node("reject_ratio", "error")])
    assert not would_fail_again([])


def test_what_our_macros_refuse_is_not_tried_again(tmp_path: Path) -> None:
    results = [
        {"unique_id": "model.w.charges", "status": "error", "message": "Compilation Error in model charges\n  Rules"},
        {"unique_id": "model.w.companies", "status": "skipped", "message": None},
    ]
    (tmp_path / RUN_RESULTS).write_text(json.dumps({"results": results}))
    assert would_fail_again(read_nodes(tmp_path))

    # The server may come back.
    results.append({"unique_id": "model.w.days", "status": "error", "message": "Database Error in model days"})
    (tmp_path / RUN_RESULTS).write_text(json.dumps({"results": results}))
    assert not would_fail_again(read_nodes(tmp_path))


def test_the_last_line_says_what_came_of_a_run() -> None:
    assert describe_run(9.71, Figures(), problems=0, failures=[]) == "Done in 9.7 s: 0 files loaded, 0 problems."
    figures = Figures(load_ids=[7], tests={"pass": 9, "warn": 1, "fail": 1, "error": 1, "skipped": 3})
    assert describe_run(61, figures, problems=2, failures=["the step build", "the alert"]) == (
        "Failed (the step build, the alert) in 61.0 s: 1 file loaded, 9 tests passed, 1 warned, 2 failed, 2 problems."
    )


def test_freshness_is_a_warning_before_it_is_an_error() -> None:
    def severities(status: str) -> list[str]:
        source = SourceResult("raw.loads", status, 1.0)
        return [one.severity for one in judge_freshness("freshness", [source], succeeded=True).problems]

    assert [severities(status) for status in ("pass", "warn", "error")] == [[], [WARNING], [ERROR]]
    failed = judge_freshness("freshness", [], succeeded=False)
    assert [one.kind for one in failed.problems] == ["step_failed"]
    assert not failed.is_complete
