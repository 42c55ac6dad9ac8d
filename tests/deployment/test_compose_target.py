"""`make test-compose` on a machine without a Docker engine."""

import os
import subprocess
import sys

from tests.conftest import CHECKOUT


def test_it_fails_and_says_what_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "compose", "-p", "no:cacheprovider", "tests/compose"],
        cwd=CHECKOUT,
        env={**os.environ, "DOCKER_HOST": "unix:///nowhere.sock"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "make test-compose needs a Docker engine" in done.stdout + done.stderr
