"""Waits for a state, never for a time."""

import time
from collections.abc import Callable

# Far more than anything takes on a busy machine; a test that waits this long has failed.
PATIENCE_SECONDS = 120


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.02)
