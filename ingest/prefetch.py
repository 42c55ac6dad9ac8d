"""A producer and a consumer that work at the same time."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

# How many items may wait: enough to ride out a pause, few enough to keep memory flat.
DEPTH = 4

# How often a producer whose consumer is gone looks whether it is.
POLL_SECONDS = 0.1


class _ConsumerGoneError(Exception):
    """Unwinds a producer that nobody waits for any more."""


@contextlib.contextmanager
def prefetched(items: Iterable[Item]) -> Iterator[Iterator[Item]]:
    """Produce the items in a thread of their own, a few ahead of who takes them.

    An error of the producer is raised where the next item is asked for. On leaving, the producer is stopped.
    """

    def produce(put: Callable[[Item], None]) -> None:
        for item in items:
            put(item)

    with produced(produce) as taken:
        yield taken


@contextlib.contextmanager
def produced(produce: Callable[[Callable[[Item], None]], None]) -> Iterator[Iterator[Item]]:
    """Like `prefetched`, for a producer that calls back with each item."""
    waiting: queue.Queue[Item | BaseException | None] = queue.Queue(DEPTH)
    consumer_gone = threading.Event()

    def put(entry: Item | BaseException | None) -> None:
        while not consumer_gone.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(entry, timeout=POLL_SECONDS)
                return
        raise _ConsumerGoneError

    def run() -> None:
        with contextlib.suppress(_ConsumerGoneError):
            try:
                produce(put)
            except BaseException as error:  # noqa: BLE001 - handed over, whatever it is
                put(error)
            else:
                put(None)

    def take() -> Iterator[Item]:
        while (entry := waiting.get()) is not None:
            if isinstance(entry, BaseException):
                raise entry
            yield entry

    thread = threading.Thread(target=run, name="producer", daemon=True)
    thread.start()
    try:
        yield take()
    finally:
        consumer_gone.set()
        thread.join()
