"""Settings from the environment other than the server. No other module of this package reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from warehouse.errors import SettingsError


@dataclass(frozen=True)
class Settings:
    """The settings of one invocation.

    Attributes:
        input: File that `python -m ingest` loads, from INGEST_INPUT; None for the sample.
        lock_timeout: Seconds to wait for another load at most, from INGEST_LOCK_TIMEOUT; None for no limit.
    """

    input: str | None
    lock_timeout: float | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings from the variables that are set and not empty.

        Raises:
            SettingsError: INGEST_LOCK_TIMEOUT is not a number of seconds.
        """
        return cls(
            input=environment.get("INGEST_INPUT") or None,
            lock_timeout=_seconds(environment, "INGEST_LOCK_TIMEOUT"),
        )


def _seconds(environment: Mapping[str, str], name: str) -> float | None:
    text = environment.get(name)
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    # Neither less than zero nor "nan".
    if not seconds >= 0:
        raise SettingsError(f"{name} is {text!r}: give seconds, such as 60, or unset it to wait without a limit.")
    return seconds
