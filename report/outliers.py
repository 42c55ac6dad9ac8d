"""Limit the height of charts in which one amount would flatten all others."""

from collections.abc import Sequence
from decimal import Decimal
from statistics import median

# A total so many times the median is cut off, in the chart too: `report.js` gets the number with its data.
OUTLIER = 20


def ceiling(totals: Sequence[Decimal]) -> Decimal:
    """Return the largest total that is not an outlier; 1 if all totals are 0.

    Args:
        totals: At least one total; none is negative.
    """
    limit = OUTLIER * median(totals)
    return max((total for total in totals if total <= limit), default=Decimal(0)) or max(totals) or Decimal(1)
