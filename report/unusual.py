"""Tell whether a load is unlike those before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

# So many loads before the newest are looked at, and with fewer than the second number nothing is said.
LOADS_BEFORE = 20
FEWEST_LOADS_BEFORE = 5

# For values spread like a bell curve, this many median distances from the median are one standard deviation.
_DEVIATION = Decimal("1.4826")
_DEVIATIONS = 3

# However little the loads before differ, a tenth of their median more or less is nothing unusual.
_USUAL_DIFFERENCE = Decimal("0.1")


@dataclass(frozen=True)
class Usual:
    """A value of the newest load, and what it was in the loads before.

    Attributes:
        value: Value of the newest load.
        low: Smallest of the usual values before.
        high: Largest of the usual values before.
        usual: Number of loads before with a usual value.
        loads: Number of loads before.
        is_unusual: Whether the value is too far from the median of those before.
    """

    value: Decimal
    low: Decimal
    high: Decimal
    usual: int
    loads: int
    is_unusual: bool


def compare_with_usual(value: Decimal, before: Sequence[Decimal], *, tolerance: Decimal = Decimal(0)) -> Usual:
    """Compare a value with those before it, by their median and their spread around it, which few odd ones do not move.

    Args:
        value: The value of the newest load.
        before: The values of the loads before, at least one.
        tolerance: How far from the median a value is usual in any case, if that is more than a tenth of the median.
    """
    middle = median(before)
    spread = median([abs(one - middle) for one in before])
    limit = max(_DEVIATIONS * _DEVIATION * spread, _USUAL_DIFFERENCE * middle, tolerance)
    usual = [one for one in before if abs(one - middle) <= limit]
    return Usual(
        value=value,
        low=min(usual),
        high=max(usual),
        usual=len(usual),
        loads=len(before),
        is_unusual=abs(value - middle) > limit,
    )
