"""Run COPY through psycopg2 so that errors of the stream are raised unchanged."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

import psycopg2

Argument = TypeVar("Argument")
Result = TypeVar("Result")


@contextlib.contextmanager
def copying() -> Iterator[Callable[[Callable[[Argument], Result]], Callable[[Argument], Result]]]:
    """Make a failed COPY raise the original error, and print nothing.

    psycopg2 reports an error of the stream that it reads or writes, even Ctrl-C, as an error of the server. If the
    server stops during a COPY, psycopg2 also prints the server's message, including the row, before it raises.

    Yields:
        A function that wraps the stream's read or write function so that its errors are raised unchanged.
    """
    errors: list[BaseException] = []

    def ours(work: Callable[[Argument], Result]) -> Callable[[Argument], Result]:
        def call(argument: Argument) -> Result:
            try:
                return work(argument)
            except BaseException as error:
                errors.append(error)
                raise

        return call

    print_error, sys.excepthook = sys.excepthook, lambda *_: None
    try:
        yield ours
    except psycopg2.Error as error:
        if errors:
            raise errors[0] from None
        if "error in .read() call" in str(error):
            # Of a signal, which Python raises before the first line of the wrapped function too.
            raise KeyboardInterrupt from None
        raise
    finally:
        sys.excepthook = print_error
