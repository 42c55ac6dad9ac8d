"""What can go wrong, as a tree. Every message is one line that says what is wrong and what to do.

WarehouseError                exit code 1 unless its class says otherwise
├── ConnectionFailedError     the server cannot be reached, refuses us, or the connection was lost
├── ServerVersionError        the server is older than PostgreSQL 17
├── DatabaseEncodingError     the database is not encoded in UTF-8
└── EmbeddedServerError       the embedded PostgreSQL cannot be started or stopped

The packages that stand on this one derive a base of their own from WarehouseError, so one `except` catches all.
"""


class WarehouseError(Exception):
    """Base of every error that is raised on purpose."""

    exit_code = 1


class ConnectionFailedError(WarehouseError):
    """The server cannot be reached, refuses us, or the connection was lost."""


class ServerVersionError(WarehouseError):
    """The server is older than PostgreSQL 17."""


class DatabaseEncodingError(WarehouseError):
    """The database is not encoded in UTF-8, so it cannot hold every text and the models cannot be built in it."""


class EmbeddedServerError(WarehouseError):
    """The embedded PostgreSQL cannot be started or stopped."""
