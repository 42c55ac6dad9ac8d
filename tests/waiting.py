"""Waits for a state, never for a time."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

# Far more than anything takes on a busy machine; a test that waits this long has failed.
PATIENCE_SECONDS = 120


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.02)


@contextlib.contextmanager
def meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Do some work again and again, in a thread of its own, until the block ends."""
    done = threading.Event()

    def repeat() -> None:
        while not done.is_set():
            work()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
