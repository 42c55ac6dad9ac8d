"""The columns of a relation, as an extract sees them."""

from dataclasses import dataclass

# Digits of the widest number that all readers of Parquet take.
MAX_DECIMAL_DIGITS = 38

_ORDERED_TYPES = ("date", "timestamp", "timestamptz", "numeric")


@dataclass(frozen=True)
class Column:
    """One column of a relation.

    Attributes:
        name: Its name.
        type: Its PostgreSQL type without modifiers, such as `numeric`.
        precision: Digits of a numeric; None for other types.
        scale: Of those digits, the ones behind the point.
    """

    name: str
    type: str
    precision: int | None = None
    scale: int | None = None

    @property
    def is_ordered(self) -> bool:
        """Whether a description gives its smallest and largest value: those of dates, times and amounts."""
        return self.type in _ORDERED_TYPES
