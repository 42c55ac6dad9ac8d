"""Run a producer and a consumer concurrently."""

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
    """Stops a producer whose consumer has gone."""


@contextlib.contextmanager
def prefetched(produce: Callable[[Callable[[Item], None]], None]) -> Iterator[Iterator[Item]]:
    """Run a function in a separate thread and yield the items that it puts, a few ahead of the consumer.

    An error in the function ends the items and is raised when the context exits. An error in the context stops the
    function.
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
