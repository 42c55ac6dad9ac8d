"""`python -m ingest` as a user runs it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import CHECKOUT


def run(
    *arguments: str, text: str | None = None, directory: Path = CHECKOUT, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ingest", *arguments],
        cwd=directory,
        # Python finds the package by the directory that it is run from, which some tests change.
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
