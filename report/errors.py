"""What can go wrong in this package, as a tree. Every message is one line that says what is wrong and what to do.

warehouse.errors.WarehouseError   exit code 1
└── ReportError
    ├── NotBuiltError             a table or view that the report reads is not there
    ├── ReadError                 the server refused a query
    └── OutputError               the page cannot be written

Errors of the server as such are those of `warehouse.errors`.
"""

from warehouse.errors import WarehouseError


class ReportError(WarehouseError):
    """Base of every error that only this package raises."""


class NotBuiltError(ReportError):
    """A table or view that the report reads is not there."""


class ReadError(ReportError):
    """The server refused a query."""


class OutputError(ReportError):
    """The page cannot be written."""
