"""A producer and a consumer that work at the same time."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")

# How many items may wait: enough to ride out a pause, few enough to keep memory flat.
_DEPTH = 4

# How often a producer whose consumer is gone looks whether it is.
_POLL_SECONDS = 0.1


class _ConsumerGoneError(Exception):
    """Unwinds a producer that nobody waits for any more."""


@contextlib.contextmanager
def prefetched(produce: Callable[[Callable[[Item], None]], None]) -> Iterator[Iterator[Item]]:
    """The items that a function calls back with in a thread of its own, a few ahead of who takes them.

    An error of the function ends the items and is raised on leaving. Leaving by an error stops the function.
    """
    waiting: queue.Queue[Item | None] = queue.Queue(_DEPTH)
    consumer_gone = threading.Event()

    def put(item: Item | None) -> None:
        while not consumer_gone.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(item, timeout=_POLL_SECONDS)
                return
        raise _ConsumerGoneError

    def run() -> None:
        try:
            produce(put)
        finally:
            put(None)

    with ThreadPoolExecutor(1) as threads:
        producer = threads.submit(run)
        try:
            yield iter(waiting.get, None)
        finally:
            consumer_gone.set()
    producer.result()
