"""Which server the environment chooses, read here and nowhere else."""

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
    """The server of one invocation.

    Attributes:
        embedded: Whether it is the embedded server, because no variable names another one.
        conninfo: A libpq connection string. Holds no secret: libpq takes those from its own variables and files.
    """

    embedded: bool
    conninfo: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the variables that are set and not empty."""
        if not any(environment.get(name) for name in SERVER_VARIABLES):
            return cls(embedded=True, conninfo=f"host={socket_directory()} dbname={DATABASE}")
        # libpq names a database after the user.
        named = any(environment.get(name) for name in ("PGDATABASE", "PGSERVICE", "PGUSER"))
        return cls(embedded=False, conninfo="" if named else f"dbname={DATABASE}")
