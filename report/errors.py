"""The errors of this package, as a tree. Every message is one line that says what is wrong and what to do.

warehouse.errors.WarehouseError   exit code 1
└── ReportError
    ├── NotBuiltError             a table or view that the report reads does not exist
    ├── ReadError                 the server refused a query
    └── OutputError               the page cannot be written

`warehouse.errors` defines the errors of the connection and the server.
"""

from warehouse.errors import WarehouseError


class ReportError(WarehouseError):
    """Base class of the errors that only this package raises."""


class NotBuiltError(ReportError):
    """A table or view that the report reads does not exist."""


class ReadError(ReportError):
    """The server refused a query."""


class OutputError(ReportError):
    """The page cannot be written."""
