"""What a run leaves to the next one, in files beside the warehouse: what is broken may be the warehouse itself."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from refresh.errors import DamagedStateError, StateError
from refresh.problems import Problem
from warehouse.files import written_atomically

# Runs that no server has recorded wait for one that does; of a server that is gone for good, not forever.
_WAITING_RUNS = 1_000


@dataclass(frozen=True)
class State:
    """What a run leaves to the next one.

    Attributes:
        running: Identifier and beginning of the run in progress; None if none is, or it ended by itself.
        problems: The problems that are open.
        waiting: Runs that are not in the database yet, as `refresh.record` writes them.
        totals: Counters of all runs, by the names in `refresh.metrics`.
        last_success: When the last run without a failure ended.
    """

    running: tuple[str, datetime] | None = None
    problems: tuple[Problem, ...] = ()
    waiting: tuple[dict[str, Any], ...] = ()
    totals: dict[str, float] = field(default_factory=dict)
    last_success: datetime | None = None


class StateDirectory:
    """The directory of the state and of the lock that keeps two runs apart.

    Args:
        directory: Created if it does not exist.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._file = directory / "state.json"

    @contextlib.contextmanager
    def lock(self) -> Iterator[int | None]:
        """Yield the descriptor of the lock, or None if another run holds it.

        Programs that inherit the descriptor hold the lock too, so no run begins while a part of a killed one goes on.

        Raises:
            StateError: The directory cannot be used.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._failed(error) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            yield None
            return
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def read(self) -> State:
        """Return the state; an empty one if there is none.

        Raises:
            StateError: The file cannot be read.
            DamagedStateError: It is none of ours, or that of a newer version.
        """
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return State()
        except OSError as error:
            raise self._failed(error) from None
        try:
            return _state(json.loads(content))
        except (ValueError, TypeError, LookupError, AttributeError):
            raise DamagedStateError(
                f"{self._file} is damaged and begins anew: problems that it listed may be told once more."
            ) from None

    def write(self, state: State) -> None:
        """Replace the state.

        Raises:
            StateError: The file cannot be written.
        """
        text = json.dumps(asdict(replace(state, waiting=state.waiting[-_WAITING_RUNS:])), default=_json, indent=2)
        try:
            with written_atomically(self._file) as file:
                file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> StateError:
        return StateError(
            f"{self.directory} cannot be used: {error.strerror or error}. "
            "Make it writable, or name another directory with REFRESH_DIRECTORY."
        )


def _state(values: dict[str, Any]) -> State:
    running = values["running"]
    last_success = values["last_success"]
    return State(
        running=(str(running[0]), datetime.fromisoformat(running[1])) if running else None,
        problems=tuple(_problem(problem) for problem in values["problems"]),
        waiting=tuple(dict(run) for run in values["waiting"]),
        totals={str(name): float(value) for name, value in values["totals"].items()},
        last_success=datetime.fromisoformat(last_success) if last_success else None,
    )


def _problem(values: dict[str, Any]) -> Problem:
    since = values["since"]
    problem = Problem(**{**values, "since": datetime.fromisoformat(since) if since else None})
    if not problem.is_known:
        raise ValueError
    return problem


def _json(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError
