"""Say what came of a build, in few lines. Pure functions: no dbt, no terminal."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from click import unstyle

from transform.build import Outcome, Result
from warehouse.texts import printable

_BUILT, _PASSED, _WARNED, _SKIPPED = "success", "pass", "warn", "skipped"
_FAILED = ("error", "fail", "runtime error")

_TEST = "test"
# A test that found rows, and finds them again: one that only warns lets the build verify them, and one that ends in an
# error found none.
_WITH_ROWS = "fail"

# What dbt adds to a message: where a macro called it, and where in the compiled statement it is.
_TRACE = re.compile(r"> (in|called by) |LINE [0-9]+:|\^$")
# What dbt puts before a message: the node that a result is of, which we name, or one of our hooks, which says itself
# what is wrong.
_TITLE = re.compile(r"[A-Z][a-z]+ Error in .+")
_TITLE_OF_HOOK = re.compile(r"[A-Z][a-z]+ Error in operation .+")


@dataclass(frozen=True)
class Line:
    """A line for a terminal, of which nothing in it can break out.

    Attributes:
        text: The text.
        color: Its color; None for that of the terminal.
        is_bold: Whether it stands out.
    """

    text: str
    color: str | None = None
    is_bold: bool = False


def describe(outcome: Outcome) -> Iterator[Line]:
    """Yield what is said of a build: what failed, what is warned of, and how much was built and checked."""
    for warning in outcome.warnings:
        yield from _lines(f"Warning: {warning}", "yellow")
    for result in outcome.results:
        if result.status == _WARNED:
            yield from _about(result, "Warning", "yellow")
    for result in outcome.results:
        if result.status in _FAILED:
            yield from _about(result, "Failed", "red")
    if outcome.error is not None:
        yield from _lines(f"dbt cannot build the models: {_message(outcome.error, _TITLE_OF_HOOK)}", "red")
    if outcome.results:
        yield Line(_counts(outcome), None if outcome else "red", is_bold=True)


def _about(result: Result, title: str, color: str) -> Iterator[Line]:
    what = "check" if result.kind == _TEST else result.kind
    yield from _lines(f"{title}: the {what} {result.name} ({result.path}): {_message(result.message, _TITLE)}", color)
    if result.description:
        yield from _lines(f"  {result.description}", None)
    if result.kind == _TEST and result.status == _WITH_ROWS:
        yield Line(f"  To see the rows: dbt show --project-dir dbt_project --select {result.name}")


def _counts(outcome: Outcome) -> str:
    results = outcome.results
    built = Counter(result.kind for result in results if result.status == _BUILT)
    passed, warned, skipped = (
        sum(result.status == status for result in results) for status in (_PASSED, _WARNED, _SKIPPED)
    )
    failed = sum(result.status in _FAILED for result in results)
    tables, views, seeds = (_count(built[kind], kind) for kind in ("table", "view", "seed"))
    parts = [f"Built {tables}, {views} and {seeds}; {_count(passed, 'check')} passed"]
    parts += [f"{warned} warned"] if warned else []
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{skipped} skipped because of what failed"] if skipped else []
    return ", ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _message(text: str, title: re.Pattern[str]) -> str:
    """What dbt says, without its title and without the macros and the statement, which its log has."""
    lines = [line for line in unstyle(text).splitlines() if line.strip()]
    kept = [line for line in lines if not _TRACE.match(line.strip())]
    if len(kept) > 1 and title.fullmatch(kept[0].strip()):
        kept = [kept[1].strip(), *kept[2:]]
    return "\n".join(kept or lines)


def _lines(text: str, color: str | None) -> Iterator[Line]:
    """The lines of a text, those after the first indented; what dbt says may quote data."""
    lines = [printable(line.rstrip()) for line in unstyle(text).expandtabs(2).splitlines() if line.strip()]
    for number, line in enumerate(lines):
        yield Line(f"  {line.strip()}" if number else line, color)
