"""What the environment decides, read here and nowhere else."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

# With none of these set, the embedded server of this checkout. `profiles.yml` and ingest have the same rule.
SERVER_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE")

DATABASE = "warehouse"


@dataclass(frozen=True)
class Settings:
    """The settings of one invocation.

    Attributes:
        embedded: whether no variable names a server, so that it is the embedded one.
        conninfo: libpq connection string. Holds no secret: libpq takes those from its own variables and files.
    """

    embedded: bool
    conninfo: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the variables that are set and not empty."""
        if not any(environment.get(name) for name in SERVER_VARIABLES):
            checkout = hashlib.md5(str(CHECKOUT).encode(), usedforsecurity=False).hexdigest()
            return cls(embedded=True, conninfo=f"host=/tmp/transactions-warehouse-{checkout} dbname={DATABASE}")
        named = any(environment.get(name) for name in ("PGDATABASE", "PGSERVICE", "PGUSER"))
        return cls(embedded=False, conninfo="" if named else f"dbname={DATABASE}")
