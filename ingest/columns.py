"""The columns of a relation as an extract describes them."""

from dataclasses import dataclass

# Digits of the widest number that all readers of Parquet take.
MAX_DECIMAL_DIGITS = 38

_ORDERED_TYPES = ("date", "timestamp", "timestamptz", "numeric")


@dataclass(frozen=True)
class Column:
    """One column of a relation.

    Attributes:
        name: Name of the column.
        type: PostgreSQL type without modifiers, such as `numeric`.
        precision: Number of digits of a numeric; None for other types.
        scale: Number of those digits that follow the decimal point.
    """

    name: str
    type: str
    precision: int | None = None
    scale: int | None = None

    @property
    def is_ordered(self) -> bool:
        """Whether the metadata give the smallest and largest value, as they do for dates, times and amounts."""
        return self.type in _ORDERED_TYPES
