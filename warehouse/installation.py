"""Say what to do where the packages are missing that this project needs. Needs none of them."""

import sys
from typing import NoReturn


def exit_without_packages(error: ModuleNotFoundError, program: str) -> NoReturn:
    """End a program that was started by a Python without the packages of this project, with one line.

    Args:
        error: What is missing.
        program: The program, as `python -m` names it.
    """
    sys.exit(
        f"Error: {sys.executable} lacks the package {error.name}. Run `make run` once, which installs all packages in "
        f".venv, and then `.venv/bin/python -m {program}`."
    )
