"""What can go wrong, as a tree. Every message is one line that says what is wrong and what to do.

ReportError                   exit code 1
├── ConnectionFailedError     the server cannot be reached, refuses us, or the connection broke
├── NotBuiltError             a table or view that the report reads is not there
├── ReadError                 the server refused a query
└── OutputError               the page cannot be written
"""


class ReportError(Exception):
    """Base of every error that this package raises on purpose."""


class ConnectionFailedError(ReportError):
    """The server cannot be reached, refuses us, or the connection broke."""


class NotBuiltError(ReportError):
    """A table or view that the report reads is not there."""


class ReadError(ReportError):
    """The server refused a query."""


class OutputError(ReportError):
    """The page cannot be written."""
