"""The errors of this package, as a tree. Every message is one line that says what is wrong and what to do.

warehouse.errors.WarehouseError   exit code 1 unless its class says otherwise
└── IngestError
    ├── SchemaVersionError        the raw schema is not ours, is newer than this program, or may not be migrated
    ├── SourceError               the file cannot be found, opened, decompressed or decoded
    │   ├── HeaderError           the file's column names or data fit no format
    │   └── FormatError           a format does not exist, is no format, or does not say enough
    ├── LockTimeoutError          another load held the ingest lock for too long
    ├── LoadFailedError           the server refused the load, which was rolled back
    ├── LoadNotFoundError         no load has this number
    ├── TooManyRejectsError       more rows were rejected than allowed (exit code 3); the load was rolled back
    ├── ValidationFailedError     the server refused to recount the loads
    ├── RehearsalFailedError      the models cannot be built from the file on a temporary server
    └── ExtractError              the relation cannot be read or the output cannot be written

`warehouse.errors` defines the errors of the connection and the server.
"""

from warehouse.errors import WarehouseError


class IngestError(WarehouseError):
    """Base class of the errors that only this package raises."""


class SchemaVersionError(IngestError):
    """The raw schema is newer than this program, or older and this role may not change it, or it is somebody else's."""


class SourceError(IngestError):
    """The file cannot be found, opened, decompressed or decoded."""


class HeaderError(SourceError):
    """The column names or the data of the file fit no format."""


class FormatError(SourceError):
    """A format does not exist, is no format, or does not say enough about a file."""


class LockTimeoutError(IngestError):
    """Another load held the ingest lock for longer than the caller waits."""


class LoadFailedError(IngestError):
    """The server refused the load, which was rolled back."""


class LoadNotFoundError(IngestError):
    """No load has this number."""


class TooManyRejectsError(IngestError):
    """More rows were rejected than the caller allows; the load was rolled back."""

    exit_code = 3


class ValidationFailedError(IngestError):
    """The server refused to recount the loads."""


class RehearsalFailedError(IngestError):
    """The models cannot be built from the file on a temporary server."""


class ExtractError(IngestError):
    """The relation cannot be read or the output cannot be written."""
