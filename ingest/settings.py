"""Settings from the environment other than the server. No other module of this package reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The settings of one invocation.

    Attributes:
        input: File that `python -m ingest` loads, from INGEST_INPUT; None for the sample.
    """

    input: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings from the variables that are set and not empty."""
        return cls(input=environment.get("INGEST_INPUT") or None)
