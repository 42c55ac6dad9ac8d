"""COPY through psycopg2, so that what goes wrong in a stream is raised as it is."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

import psycopg2

Argument = TypeVar("Argument")
Result = TypeVar("Result")


@contextlib.contextmanager
def copying() -> Iterator[Callable[[Callable[[Argument], Result]], Callable[[Argument], Result]]]:
    """Let a COPY fail by what went wrong, and print nothing.

    psycopg2 takes an error of the stream that it reads or writes, even Ctrl-C, for one of the server. And if the server
    goes while it copies, it prints what the server said, with the row, before it raises.

    Yields:
        A function that wraps what the stream does, so that its errors are raised as they are.
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
