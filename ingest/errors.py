"""What can go wrong, as a tree. Every message is one line that says what is wrong and what to do.

IngestError                   exit code 1 unless its class says otherwise
├── ConnectionFailedError     the server cannot be reached, refuses us, or the connection broke
├── ServerVersionError        the server is older than PostgreSQL 17
├── DatabaseEncodingError     the database is not encoded in UTF-8
├── SchemaVersionError        the raw schema is newer than this program, or older and not ours to change
├── EmbeddedServerError       the embedded PostgreSQL cannot be started or stopped
├── SourceError               the file cannot be found, opened, decompressed or decoded
│   └── HeaderError           the file has no column names, or data, that fit raw.raw_transactions
├── LoadFailedError           the server refused the load; it was rolled back
├── LoadNotFoundError         there is no load with this number
├── TooManyRejectsError       more rejected rows than the caller allows (exit code 3); the load was rolled back
├── ValidationFailedError     the server refused to recount the loads
└── ExtractError              the relation cannot be read or the output cannot be written
"""


class IngestError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_code = 1


class ConnectionFailedError(IngestError):
    """The server cannot be reached, refuses us, or the connection broke."""


class ServerVersionError(IngestError):
    """The server is older than PostgreSQL 17."""


class DatabaseEncodingError(IngestError):
    """The database is not encoded in UTF-8, so it cannot hold every text and the models cannot be built in it."""


class SchemaVersionError(IngestError):
    """The raw schema is newer than this program, or older and not ours to change."""


class EmbeddedServerError(IngestError):
    """The embedded PostgreSQL cannot be started or stopped."""


class SourceError(IngestError):
    """The file cannot be found, opened, decompressed or decoded."""


class HeaderError(SourceError):
    """The file has no column names, or data, that fit raw.raw_transactions."""


class LoadFailedError(IngestError):
    """The server refused the load; it was rolled back."""


class LoadNotFoundError(IngestError):
    """There is no load with this number."""


class TooManyRejectsError(IngestError):
    """More rejected rows than the caller allows; the load was rolled back."""

    exit_code = 3


class ValidationFailedError(IngestError):
    """The server refused to recount the loads."""


class ExtractError(IngestError):
    """The relation cannot be read or the output cannot be written."""
