"""What a run can find wrong, and which of it has been told already."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

ERROR = "error"
WARNING = "warning"

# What each kind of problem means, in words that hold whatever is in the files, and what to do.
_SENTENCES = {
    "interrupted": (
        "The last run was interrupted.",
        "Look whether the machine was restarted or ran out of memory. The next run goes on where it ended.",
    ),
    "database_unreachable": (
        "The database cannot be reached or refuses the connection, or this role may not read raw.",
        "Start it, or check the PG* variables and what the role may read.",
    ),
    "load_failed": (
        "{subject}: the file cannot be loaded. Nothing of it is in the warehouse.",
        "The log of the run says why; `python -m ingest inspect` says what is in the file.",
    ),
    "build_failed": (
        "{subject}: the build failed. The marts hold what the last good build published.",
        "The log of the run says why.",
    ),
    "test_failed": (
        "The test {subject} failed. What it checks may not have been published.",
        "`dbt show --project-dir dbt_project --select {subject}` shows the rows that it found, "
        "and docs/decisions.md says what it guards.",
    ),
    "test_warned": (
        "The test {subject} warns. All is published.",
        "Look at the newest rows of rejected_transactions, and at what the log of the run says.",
    ),
    "stale": (
        "{subject}: no file has arrived for too long.",
        "Ask the provider for it, or look whether the drop folder is filled.",
    ),
    "state_unusable": (
        "The directory of the runs cannot be read or written, so nothing was refreshed.",
        "Look whether the disk is full, and at REFRESH_DIRECTORY. Each run tells of this until it is mended.",
    ),
    "test_alert": (
        "This is a test.",
        "Nothing is wrong.",
    ),
    "step_failed": (
        "The step {subject} failed.",
        "The log of the run says why.",
    ),
}

_SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class Problem:
    """Something that a run found wrong. Two runs find the same problem if step, kind and subject are the same.

    Attributes:
        step: The step that found it.
        kind: What is wrong, such as `load_failed`.
        subject: The file, model, test or source that it is about.
        severity: `error`, or `warning` if all is published nevertheless.
        id: Its own identifier, for receivers of alerts that know one already.
        since: When a run found it first; None before that.
        told_severity: The severity with which it was told; None if it was not.
    """

    step: str
    kind: str
    subject: str
    severity: str = ERROR
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    since: datetime | None = None
    told_severity: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same problem in another run. A test that warns and then fails is one problem."""
        return self.step, self.subject

    @property
    def is_to_be_told(self) -> bool:
        """Whether nobody was told yet, or only of a warning that has become an error."""
        return self.told_severity is None or (self.severity == ERROR and self.told_severity == WARNING)

    @property
    def is_known(self) -> bool:
        """Whether this version knows what it means."""
        return self.kind in _SENTENCES

    @property
    def summary(self) -> str:
        """What is wrong, in a sentence or two."""
        return _SENTENCES[self.kind][0].format(subject=self.shown_subject)

    @property
    def advice(self) -> str:
        """What to do about it."""
        return _SENTENCES[self.kind][1].format(subject=self.shown_subject)

    @property
    def shown_subject(self) -> str:
        """The subject as a short line: whoever names a file must not write our alerts, logs or metrics."""
        printable = "".join(
            character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in self.subject
        )
        return printable if len(printable) <= _SHOWN_CHARACTERS else printable[: _SHOWN_CHARACTERS - 1] + "…"

    def to_dict(self) -> dict[str, Any]:
        """The problem as JSON values."""
        return {
            "id": self.id,
            "step": self.step,
            "kind": self.kind,
            "subject": self.shown_subject,
            "severity": self.severity,
            "since": self.since.isoformat() if self.since else None,
        }


@dataclass(frozen=True)
class Judgement:
    """What a step found.

    Attributes:
        step: Name of the step.
        problems: What is wrong.
        is_complete: Whether it could look at all that it looks at. If not, what it did not find may still be there.
        undecided: Subjects that it could not look at, such as tests of models that were not built.
    """

    step: str
    problems: Sequence[Problem] = ()
    is_complete: bool = True
    undecided: frozenset[str] = frozenset()


def still_open(known: Iterable[Problem], judgements: Iterable[Judgement], now: datetime) -> list[Problem]:
    """Return the problems after a run: those that it found, and known ones that it could not look at.

    Args:
        known: The problems before the run.
        judgements: What its steps found; steps that did not run are left out.
        now: When the new problems were found.
    """
    by_step = {judgement.step: judgement for judgement in judgements}
    before = {problem.key: problem for problem in known}
    after = {
        problem.key: problem
        for problem in before.values()
        if (judgement := by_step.get(problem.step)) is None
        or not judgement.is_complete
        or problem.subject in judgement.undecided
    }
    for judgement in by_step.values():
        for problem in judgement.problems:
            if (earlier := before.get(problem.key)) is None:
                after[problem.key] = replace(problem, since=now)
            else:
                after[problem.key] = replace(earlier, kind=problem.kind, severity=problem.severity)
    return list(after.values())
