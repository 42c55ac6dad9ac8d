"""The report and the progress of a publish, for callers and for `--json`."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

# Takes the name of a table, how many of its rows are done, and about how many it has, if that is known.
TableProgress = Callable[[str, int, int | None], object]

BUILT = "built"
UPDATED = "updated"
UNCHANGED = "unchanged"


@dataclass(frozen=True)
class PublishedTable:
    """What was written to one table.

    Attributes:
        rows: Number of rows that the table has now.
        inserted: Number of rows that were new.
        updated: Number of rows that were different.
        deleted: Number of rows that the warehouse no longer has.
    """

    rows: int
    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def written(self) -> int:
        """Number of rows that were inserted, updated or deleted."""
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True)
class PublishReport:
    """The result of a publish. The target holds what it says, because a failed publish raises an error.

    Attributes:
        status: `built` (the tables and the view were created, or replaced because their contract has changed),
            `updated` (rows were written) or `unchanged` (nothing was written).
        target: URL of the target without credentials and options.
        server: Name and version of its database.
        schema: Schema of the marts in the warehouse.
        tables: What was written, by table.
        view: Name of the view.
        seconds: Wall-clock time of the publish.
    """

    status: str
    target: str
    server: str
    schema: str
    tables: dict[str, PublishedTable]
    view: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return asdict(self)
