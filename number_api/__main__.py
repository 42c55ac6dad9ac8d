"""`python -m number_api`."""

import signal
import sys

try:
    from number_api.cli import program
except ModuleNotFoundError as error:
    sys.exit(
        f"Error: {sys.executable} lacks the package {error.name}. Run `make run` once, which installs all packages in "
        ".venv, and then `.venv/bin/python -m number_api`."
    )
except KeyboardInterrupt:
    # The exit code that shells give a program that Ctrl-C ended.
    sys.exit(128 + signal.SIGINT)

if __name__ == "__main__":
    program(prog_name="python -m number_api")
