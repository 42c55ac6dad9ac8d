"""The ingest lock, which runs loads, removals and migrations one at a time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from psycopg2.extensions import cursor

from ingest.errors import LockTimeoutError
from warehouse.connection import begin
from warehouse.texts import printable

# An advisory lock with a number of our own: "ingest" in ASCII.
INGEST_LOCK = 0x696E67657374

# Until the transaction ends: a lock of the session would stay with the server's side of a pooler.
_TRY_INGEST_LOCK = "select pg_try_advisory_xact_lock(%s)"
_HOLDER = Path(__file__).with_name("sql") / "lock_holder.sql"

_SECONDS_BETWEEN_TRIES = 0.5


@dataclass(frozen=True)
class LockHolder:
    """The session that holds the ingest lock. Only `pid` is known of it if this role may not see more.

    Attributes:
        pid: Its process on the server.
        role: Its role.
        application: What it calls itself.
        address: The address of its client; None for a Unix socket.
        since: When its transaction began.
    """

    pid: int
    role: str | None
    application: str | None
    address: str | None
    since: datetime | None

    def __str__(self) -> str:
        """Return what is known, for a message."""
        parts = [
            f"role {self.role}" if self.role else "",
            self.application or "",
            f"from {self.address}" if self.address else "",
            f"since {self.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if self.since else "",
        ]
        known = ", ".join(printable(part) for part in parts if part)
        return f"process {self.pid}" + (f" ({known})" if known else "")


@dataclass(frozen=True)
class LockWait:
    """A wait for the ingest lock.

    Attributes:
        holder: Who holds the lock; None if nobody does any more.
        seconds: How long the wait has taken so far.
    """

    holder: LockHolder | None
    seconds: float


def take_ingest_lock(
    cursor: cursor, limit: float | None = None, on_wait: Callable[[LockWait], None] = lambda _: None
) -> None:
    """Take the ingest lock until the transaction ends, so that load ids are in the order of commits.

    Each try is a transaction of its own, so that a pooler can lend its server to others meanwhile.

    Args:
        cursor: A cursor at the beginning of a transaction.
        limit: Seconds to wait at most; None for no limit.
        on_wait: Called after each try that fails.

    Raises:
        LockTimeoutError: Another load held the lock for longer than the limit.
    """
    began = time.monotonic()
    while not _try_ingest_lock(cursor):
        holder = _holder(cursor)
        cursor.connection.rollback()
        wait = LockWait(holder, time.monotonic() - began)
        if limit is not None and wait.seconds >= limit:
            raise LockTimeoutError(
                f"Another load was still running after {limit:g} s, so nothing was changed: "
                f"{holder or 'it has ended just now'}. Run the same command later or with a longer --lock-timeout; "
                "if that load is stuck, end its session with pg_terminate_backend."
            )
        on_wait(wait)
        time.sleep(_SECONDS_BETWEEN_TRIES if limit is None else min(_SECONDS_BETWEEN_TRIES, limit - wait.seconds))
        begin(cursor)


def _try_ingest_lock(cursor: cursor) -> bool:
    cursor.execute(_TRY_INGEST_LOCK, [INGEST_LOCK])
    return cursor.fetchone() == (True,)


def _holder(cursor: cursor) -> LockHolder | None:
    cursor.execute(_HOLDER.read_text(encoding="utf-8"), {"lock": INGEST_LOCK})
    found = cursor.fetchone()
    return LockHolder(*found) if found else None
