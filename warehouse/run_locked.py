"""Run a command while no other holds the same lock: `python -m warehouse.run_locked LOCK COMMAND...`.

The command waits for the lock, a file, and says so. It holds the lock until it has ended with all that it has started,
however it ends.
"""

import os
import signal
import sys
from pathlib import Path

from warehouse.files import locked
from warehouse.signals import exit_code

if __name__ == "__main__":
    _, lock, *command = sys.argv
    waiting = f"Waiting for another process to release {lock} ...\n"
    try:
        with locked(Path(lock), lambda: sys.stderr.write(waiting)) as descriptor:
            os.set_inheritable(descriptor, True)
            os.execvp(command[0], command)
    except KeyboardInterrupt:
        sys.exit(exit_code(signal.SIGINT))
    except OSError as error:
        sys.exit(f"Error: {error.filename or command[0]} cannot be used: {error.strerror}.")
