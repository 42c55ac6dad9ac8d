"""How high to draw, where one amount would flatten all others."""

from collections.abc import Sequence
from decimal import Decimal
from statistics import median

# A total so many times the median is cut off, in the chart too: `report.js` gets the number with its data.
OUTLIER = 20


def ceiling(totals: Sequence[Decimal]) -> Decimal:
    """The largest of the totals that is no outlier; 1 if all of them are 0.

    Args:
        totals: At least one, none negative.
    """
    limit = OUTLIER * median(totals)
    return max((total for total in totals if total <= limit), default=Decimal(0)) or max(totals) or Decimal(1)
