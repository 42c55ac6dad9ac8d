"""The errors of this package, as a tree. Every message is one line that says what is wrong and what to do.

warehouse.errors.WarehouseError   exit code 1
└── TransformError
    └── LogError                  the log of dbt cannot be written

`warehouse.errors` defines the errors of the settings and the server. What dbt refuses is in `transform.build.Outcome`.
"""

from warehouse.errors import WarehouseError


class TransformError(WarehouseError):
    """Base class of the errors that only this package raises."""


class LogError(TransformError):
    """The log of dbt cannot be written."""
