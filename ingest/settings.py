"""What the environment decides beside the server, read here and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The settings of one invocation.

    Attributes:
        input: The file that `python -m ingest` loads, from INGEST_INPUT; None for the sample.
    """

    input: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the variables that are set and not empty."""
        return cls(input=environment.get("INGEST_INPUT") or None)
