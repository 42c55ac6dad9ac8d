"""The server that the environment selects. No other module of this package reads the environment for it."""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import SettingsError

CHECKOUT = Path(__file__).resolve().parent.parent

# The libpq variables that name a server or who we are there. The others (PGSSLMODE, PGOPTIONS …) refine a choice
# that these make; libpq reads all of them by itself. `profiles.yml` has the same list.
SERVER_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE")

DATABASE = "warehouse"

# `profiles.yml` has the same default.
_TCP_TIMEOUT_SECONDS = 120


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
        has_service: Whether PGSERVICE names a service, whose file may set anything.
        tcp_timeout: Seconds after which a silent peer counts as lost, from WAREHOUSE_TCP_TIMEOUT; 0 leaves that to the
            operating systems.
    """

    embedded: bool
    conninfo: str
    has_service: bool
    tcp_timeout: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings from the variables that are set and not empty.

        Raises:
            SettingsError: WAREHOUSE_TCP_TIMEOUT is not a whole number of seconds.
        """
        tcp_timeout = _whole_seconds(environment, "WAREHOUSE_TCP_TIMEOUT", _TCP_TIMEOUT_SECONDS)
        if not any(environment.get(name) for name in SERVER_VARIABLES):
            conninfo = f"host={socket_directory()} dbname={DATABASE}"
            return cls(embedded=True, conninfo=conninfo, has_service=False, tcp_timeout=tcp_timeout)
        # libpq names a database after the user.
        named = any(environment.get(name) for name in ("PGDATABASE", "PGSERVICE", "PGUSER"))
        return cls(
            embedded=False,
            conninfo="" if named else f"dbname={DATABASE}",
            has_service=bool(environment.get("PGSERVICE")),
            tcp_timeout=tcp_timeout,
        )


def _whole_seconds(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    # More would overflow PostgreSQL's milliseconds.
    if not (text.isascii() and text.isdecimal() and int(text) <= 1_000_000):
        raise SettingsError(
            f"{name} is {text!r}: give whole seconds, such as 60, or 0 for the operating system's default."
        )
    return int(text)


@contextlib.contextmanager
def without_libpq_variables() -> Iterator[None]:
    """Leave the environment without any of libpq's variables for a while, so that no connection leads elsewhere."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PG")}
    try:
        yield
    finally:
        os.environ.update(kept)
