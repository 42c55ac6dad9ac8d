"""The errors of this package, as a tree. Every message is one line that says what is wrong and what to do.

WarehouseError                exit code 1 unless its class says otherwise
├── ConnectionFailedError     the server cannot be reached or refuses the connection, or it was lost
├── ServerVersionError        the server is older than PostgreSQL 17
├── DatabaseEncodingError     the database is not encoded in UTF-8
├── SettingsError             a variable of the environment is missing, unknown or has no usable value (exit code 2)
└── EmbeddedServerError       the embedded PostgreSQL cannot be started or stopped

The packages that depend on this one derive their errors from WarehouseError, so one `except` catches all of them.
"""

import re

from warehouse.texts import printable


class WarehouseError(Exception):
    """Base class of all errors that are raised deliberately.

    Args:
        message: What is wrong and what to do. Names and values in it may hold anything, so what is unprintable is
            escaped.
    """

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class ConnectionFailedError(WarehouseError):
    """The server cannot be reached or refuses the connection, or the connection was lost."""


class ServerVersionError(WarehouseError):
    """The server is older than PostgreSQL 17."""


class DatabaseEncodingError(WarehouseError):
    """The database is not encoded in UTF-8, so it cannot store all text and the models cannot be built in it."""


class SettingsError(WarehouseError):
    """A variable of the environment is missing, unknown or has no usable value."""

    exit_code = 2


class EmbeddedServerError(WarehouseError):
    """The embedded PostgreSQL cannot be started or stopped."""


def kind(error: WarehouseError) -> str:
    """Return the class of an error as a word for programs: `connection_failed` for ConnectionFailedError."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__.removesuffix("Error")).lower()
