"""What the environment decides, read here and nowhere else."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

# The libpq variables that name a server or who we are there. The others (PGSSLMODE, PGOPTIONS …) refine a choice
# that these make; libpq reads all of them by itself. `profiles.yml` has the same list.
SERVER_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE")

DATABASE = "warehouse"


def socket_directory(checkout: Path = CHECKOUT) -> Path:
    """Where the embedded server of a checkout listens.

    A socket's path may have 107 bytes and a checkout's path may be longer, so the directory lies in /tmp under a name
    that `profiles.yml` can compute too.
    """
    digest = hashlib.md5(str(checkout).encode(), usedforsecurity=False).hexdigest()
    return Path(f"/tmp/transactions-warehouse-{digest}")


@dataclass(frozen=True)
class Settings:
    """The settings of one invocation.

    Attributes:
        embedded: whether the embedded server is used, because no variable names another one.
        conninfo: libpq connection string. Holds no secret: libpq takes those from its own variables and files.
        input: the file that `python -m ingest` loads, from INGEST_INPUT; None for the sample.
    """

    embedded: bool
    conninfo: str
    input: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the variables that are set and not empty."""
        embedded = not any(environment.get(name) for name in SERVER_VARIABLES)
        if embedded:
            conninfo = f"host={socket_directory()} dbname={DATABASE}"
        elif environment.get("PGDATABASE") or environment.get("PGSERVICE") or environment.get("PGUSER"):
            conninfo = ""
        else:
            conninfo = f"dbname={DATABASE}"
        return cls(embedded=embedded, conninfo=conninfo, input=environment.get("INGEST_INPUT") or None)
