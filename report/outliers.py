"""Find totals that are far above the others, such as those with one mistyped amount; they would flatten a chart."""

from collections.abc import Sequence
from decimal import Decimal
from statistics import median

# A total so many times the median is cut off, in the chart too: `report.js` gets the number with its data.
OUTLIER = 20


def outlier_limit(totals: Sequence[Decimal]) -> Decimal | None:
    """Return the largest total that is not far above the others; None if there is no such limit.

    Args:
        totals: Totals of periods of the same length; none is negative.
    """
    return OUTLIER * median(totals) or None if totals else None


def ceiling(totals: Sequence[Decimal]) -> Decimal:
    """Return the largest total that is not an outlier; 1 if all totals are 0.

    Args:
        totals: At least one total; none is negative.
    """
    limit = outlier_limit(totals)
    if limit is None:
        return max(totals) or Decimal(1)
    return max(total for total in totals if total <= limit)
