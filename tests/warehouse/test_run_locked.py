"""Commands that take turns."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import CHECKOUT


def start(lock: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "warehouse.run_locked", str(lock), *command],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_second_one_says_that_it_waits(tmp_path: Path) -> None:
    lock = tmp_path / "made" / "lock"
    with start(lock, "cat") as first:
        assert first.stdin
        assert first.stdout
        first.stdin.write("runs\n")
        first.stdin.flush()
        assert first.stdout.readline() == "runs\n"

        with start(lock, "echo", "its turn") as second:
            assert second.stdout
            assert second.stderr
            assert second.stderr.readline() == f"Waiting for another process to release {lock} ...\n"
            assert second.poll() is None
            first.stdin.close()
            assert second.stdout.read() == "its turn\n"
            assert second.stderr.read() == ""

    assert (first.returncode, second.returncode) == (0, 0)


def test_who_is_tired_of_waiting_or_names_nothing_to_run_gets_no_traceback(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with start(lock, "cat") as first:
        assert first.stdin
        assert first.stdout
        first.stdin.write("runs\n")
        first.stdin.flush()
        first.stdout.readline()
        with start(lock, "true") as second:
            assert second.stderr
            second.stderr.readline()
            second.send_signal(signal.SIGINT)
            assert second.stderr.read() == ""
        assert second.returncode == 128 + signal.SIGINT
        first.stdin.close()

    with start(lock, "no-such-program") as third:
        _, said = third.communicate()
    assert (third.returncode, said) == (1, "Error: no-such-program cannot be used: No such file or directory.\n")
