"""Programs that a signal ends."""

# What shells add to the number of the signal.
_BASE = 128


def exit_code(signal_number: int) -> int:
    """Return the exit code that shells give a program that a signal has ended."""
    return _BASE + signal_number
