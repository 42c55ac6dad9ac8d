"""What can go wrong in this package, as a tree. Every message is one line that says what is wrong and what to do.

warehouse.errors.WarehouseError   exit code 1 unless its class says otherwise
└── IngestError
    ├── SchemaVersionError        the raw schema is newer than this program, or older and not ours to change
    ├── SourceError               the file cannot be found, opened, decompressed or decoded
    │   └── HeaderError           the file has no column names, or data, that fit raw.raw_transactions
    ├── LoadFailedError           the server refused the load; it was rolled back
    ├── LoadNotFoundError         there is no load with this number
    ├── TooManyRejectsError       more rejected rows than the caller allows (exit code 3); the load was rolled back
    ├── ValidationFailedError     the server refused to recount the loads
    └── ExtractError              the relation cannot be read or the output cannot be written

Errors of the server as such are those of `warehouse.errors`.
"""

from warehouse.errors import WarehouseError


class IngestError(WarehouseError):
    """Base of every error that only this package raises."""


class SchemaVersionError(IngestError):
    """The raw schema is newer than this program, or older and not ours to change."""


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
