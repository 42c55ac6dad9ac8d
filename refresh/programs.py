"""Run the commands of the other packages as programs of their own, as a user would."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from warehouse.settings import CHECKOUT

# What a program may take to end after it was asked to: a load rolls back, dbt cancels its queries.
_GRACE_SECONDS = 30


class Terminated(BaseException):
    """This program was asked to end."""


def command(*arguments: str) -> list[str]:
    """Return the program and arguments of a command of this project, such as `report --text`."""
    return [sys.executable, "-m", *arguments]


def dbt_command(*arguments: str) -> list[str]:
    """Return the program and arguments of a dbt command; dbt is installed beside this Python."""
    return [str(Path(sys.executable).with_name("dbt")), *arguments]


@dataclass(frozen=True)
class Ended:
    """How a program ended.

    Attributes:
        code: Its exit code; negative for a signal.
        output: What it printed on standard output, if that was kept.
        timed_out: Whether it was ended because it took too long.
    """

    code: int
    output: str
    timed_out: bool


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end this program as an exception does: programs that it runs end first, and the run is recorded."""

    def terminate(_signal: int, _frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_program(arguments: Sequence[str], *, seconds: int, lock: int, keeps_output: bool = False) -> Ended:
    """Run a program and wait for its end. It shares our output and ends with us.

    It is in a process group of its own, so Ctrl-C in a terminal reaches us alone, and we end it.

    Args:
        arguments: The program and its arguments.
        seconds: Time after which it is ended.
        lock: Descriptor of the lock, which it holds as well.
        keeps_output: Whether to return its standard output instead of sharing ours.
    """
    process = subprocess.Popen(
        arguments,
        # Python finds the packages by the directory that it is run from, which may be another one.
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if keeps_output else None,
        text=True,
        encoding="utf-8",
        errors="replace",
        pass_fds=(lock,),
        process_group=0,
    )
    timed_out = False
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        timed_out = True
        output = _end(process)
    except BaseException:
        _end(process)
        raise
    return Ended(process.returncode, output or "", timed_out)


def _end(process: subprocess.Popen[str]) -> str:
    process.terminate()
    try:
        output, _ = process.communicate(timeout=_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    except BaseException:
        # We are asked again.
        process.kill()
        raise
    return output
