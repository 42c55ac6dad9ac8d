"""The server that the environment selects. No other module of this package reads the environment for it."""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

# The libpq variables that name a server or who we are there. The others (PGSSLMODE, PGOPTIONS …) refine a choice
# that these make; libpq reads all of them by itself. `profiles.yml` has the same list.
SERVER_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE")

DATABASE = "warehouse"


def socket_directory(checkout: Path = CHECKOUT) -> Path:
    """Return the socket directory of the embedded server of a checkout.

    The path of a socket is limited to 107 bytes and the path of a checkout may be longer, so the directory is in /tmp,
    under a name that `profiles.yml` can compute too.
    """
    digest = hashlib.md5(str(checkout).encode(), usedforsecurity=False).hexdigest()
    return Path(f"/tmp/transactions-warehouse-{digest}")


@dataclass(frozen=True)
class Settings:
    """The server of one invocation.

    Attributes:
        embedded: Whether the server is the embedded one, because no variable selects another.
        conninfo: A libpq connection string without secrets, which libpq reads from its own variables and files.
    """

    embedded: bool
    conninfo: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings from the variables that are set and not empty."""
        if not any(environment.get(name) for name in SERVER_VARIABLES):
            return cls(embedded=True, conninfo=f"host={socket_directory()} dbname={DATABASE}")
        # libpq names a database after the user.
        named = any(environment.get(name) for name in ("PGDATABASE", "PGSERVICE", "PGUSER"))
        return cls(embedded=False, conninfo="" if named else f"dbname={DATABASE}")


@contextlib.contextmanager
def without_libpq_variables() -> Iterator[None]:
    """Leave the environment without any of libpq's variables for a while, so that no connection leads elsewhere."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PG")}
    try:
        yield
    finally:
        os.environ.update(kept)
