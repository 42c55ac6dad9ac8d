"""The errors of this package, as a tree. Every message is one line that says what is wrong and what to do.

warehouse.errors.WarehouseError   exit code 1 unless its class says otherwise
└── PublishError
    ├── MissingLibraryError       a library or the driver of the target is not installed
    ├── NotBuiltError             a mart does not exist
    ├── ReadError                 the warehouse refused a query
    ├── ContractError             the target cannot hold the marts as the models declare them
    ├── OwnershipError            a table of the target is not ours, or something else there depends on one of ours
    └── TargetError               the target cannot be reached or refused a statement; readers see the last state
        └── TargetVersionError    the target is too old

`warehouse.errors` defines the errors of the settings and of the connection to the warehouse. No message holds a
password or a row.
"""

from warehouse.errors import WarehouseError


class PublishError(WarehouseError):
    """Base class of the errors that only this package raises."""


class MissingLibraryError(PublishError):
    """A library, or the driver of the target, is not installed."""


class NotBuiltError(PublishError):
    """A mart does not exist."""


class ReadError(PublishError):
    """The warehouse refused a query."""


class ContractError(PublishError):
    """The target cannot hold the marts as the models declare them, so nothing was published."""


class OwnershipError(PublishError):
    """A table of the target is not ours, or something else there depends on one of ours."""


class TargetError(PublishError):
    """The target cannot be reached, or it refused a statement. Its readers see what was published last."""


class TargetVersionError(TargetError):
    """The target is too old."""
