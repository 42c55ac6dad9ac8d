"""End a program in one line while it is still being imported. Needs none of the packages of this project."""

import contextlib
import signal
import sys
from collections.abc import Iterator
from typing import NoReturn

from warehouse.signals import exit_code


@contextlib.contextmanager
def program_imports(program: str) -> Iterator[None]:
    """Import what a program needs; end it without a traceback if a package is missing or on Ctrl-C.

    Args:
        program: The program, as `python -m` names it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        _exit_without_packages(error, program)
    except KeyboardInterrupt:
        sys.exit(exit_code(signal.SIGINT))


def _exit_without_packages(error: ModuleNotFoundError, program: str) -> NoReturn:
    """End a program that was started by a Python without the packages of this project, with one line.

    Args:
        error: What is missing.
        program: The program, as `python -m` names it.
    """
    sys.exit(
        f"Error: {sys.executable} lacks the package {error.name}. Run `make run` once, which installs all packages in "
        f".venv, and then `.venv/bin/python -m {program}`."
    )
