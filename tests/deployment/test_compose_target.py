"""`make test-compose` on a machine without a Docker engine."""

import os
import subprocess
import sys

from tests.conftest import CHECKOUT


def test_it_fails_and_says_what_is_missing() -> None:
    # Options for these tests, such as their directory, are none for others within them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "compose", "-p", "no:cacheprovider", "tests/compose"],
        cwd=CHECKOUT,
        env={**environment, "DOCKER_HOST": "unix:///nowhere.sock"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "make test-compose needs a Docker engine" in done.stdout + done.stderr
