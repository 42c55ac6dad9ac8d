"""The errors of this package, as a tree. Every message is one line that says what is wrong and what to do.

warehouse.errors.WarehouseError   exit code 1 unless its class says otherwise
└── RefreshError
    ├── StateError                the files that runs leave to the next one cannot be read or written
    │   └── DamagedStateError     they can be read and mean nothing
    ├── AlertError                an alert could not be delivered
    ├── MetricsError              the metrics cannot be written
    └── RecordError               the server refused the record of a run

`warehouse.errors` defines the errors of the settings, the connection and the server.
"""

from warehouse.errors import WarehouseError


class RefreshError(WarehouseError):
    """Base class of the errors that only this package raises."""


class StateError(RefreshError):
    """The files that runs leave to the next one cannot be read or written."""


class DamagedStateError(StateError):
    """The file that runs leave to the next one can be read and means nothing."""


class AlertError(RefreshError):
    """An alert could not be delivered."""


class MetricsError(RefreshError):
    """The metrics cannot be written."""


class RecordError(RefreshError):
    """The server refused the record of a run."""
