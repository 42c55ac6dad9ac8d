"""The figures of a report, read from one snapshot. No business rule is here: dbt has made all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from report.database import Snapshot
from report.errors import NotBuiltError

RELATIONS = (
    "raw.loads",
    "analytics.stg_loads",
    "analytics.companies",
    "analytics.charges",
    "analytics.daily_transaction_summary",
    "analytics.rejected_transactions",
)

# The chart tells this many companies apart; the others are one more, together.
CHART_COMPANIES = 9
# The most days that the chart and its table hold; of more days they hold weeks, then months, then years.
CHART_PERIODS = 1_500

NEWEST_DAYS = 10
LISTED_COMPANIES = 50
# Of each reason.
LISTED_REJECTS = 20
REJECT_CHARACTERS = 500


@dataclass(frozen=True)
class Period:
    """What a company took in a day, or in a longer step; `company_id` is None for all other companies together."""

    period: date
    company_id: str | None
    total: Decimal
    transactions: int


@dataclass(frozen=True)
class Chart:
    """The daily totals as far as a page can hold them.

    Attributes:
        step: what a period is: day, week, month or year.
        companies: those told apart, the largest total first.
        others: how many companies are shown together.
        periods: the totals, oldest first.
    """

    step: str
    companies: Sequence[Any]
    others: int
    periods: Sequence[Period]


@dataclass(frozen=True)
class Reconciliation:
    """Whether every row that was read is accounted for.

    Attributes:
        rows_read: of the loads that the marts are built from.
        charges: rows that are a charge.
        rejected: rows that were rejected.
        superseded: rows that a later row with the same id replaced.
        waiting: loads that the marts do not have yet.
        replaced: loads that the marts still have, but raw does not.
    """

    rows_read: int
    charges: int
    rejected: int
    superseded: int
    waiting: Sequence[Any]
    replaced: Sequence[Any]

    @property
    def difference(self) -> int:
        """Rows that are not accounted for: 0, unless a model is wrong or a build is under way."""
        return self.rows_read - self.charges - self.rejected - self.superseded


@dataclass(frozen=True)
class Figures:
    """Everything that a report shows. Rows of queries are named tuples of the columns in `report/sql`.

    Attributes:
        taken_at: when the snapshot was taken, in UTC.
        summary: the daily summary as a whole.
        newest_days: its newest rows.
        companies: those with the largest totals.
        companies_in_all: how many there are.
        chart: its totals by period and company.
        statuses: charges by status, the most frequent first.
        loads: the newest first.
        reasons: rejected rows by reason, the most frequent first.
        rejects: the newest rejected rows.
        reconciliation: whether all rows are accounted for.
    """

    taken_at: datetime
    summary: Any
    newest_days: Sequence[Any]
    companies: Sequence[Any]
    companies_in_all: int
    chart: Chart
    statuses: Sequence[Any]
    loads: Sequence[Any]
    reasons: Sequence[Any]
    rejects: Sequence[Any]
    reconciliation: Reconciliation

    @property
    def charges(self) -> int:
        """How many charges there are."""
        return self.reconciliation.charges

    @property
    def amount(self) -> Decimal:
        """Sum of all charges, whatever their status."""
        return sum((status.amount for status in self.statuses), Decimal("0.00"))

    @property
    def charges_with_updated_at(self) -> int:
        """How many charges have a time of payment."""
        return sum(status.charges_with_updated_at for status in self.statuses)


def read_figures(snapshot: Snapshot) -> Figures:
    """Read all figures.

    Raises:
        NotBuiltError: a table or view is missing.
        ReportError: the server refused a query, or the connection broke.
    """
    missing = [row.relation for row in snapshot.rows("missing_relations", relations=list(RELATIONS))]
    if "raw.loads" in missing:
        raise NotBuiltError(
            "Nothing is loaded in this database: run `python -m ingest load FILE`, "
            "then `dbt build --project-dir dbt_project`. `make run` does both with a sample."
        )
    if missing:
        raise NotBuiltError(
            f"The models are not built in this database ({', '.join(missing)} missing): "
            "run `dbt build --project-dir dbt_project`."
        )
    overview = snapshot.row("overview")
    statuses = snapshot.rows("statuses")
    loads = snapshot.rows("loads")
    summary = snapshot.row("summary")
    companies = snapshot.rows("companies", limit=LISTED_COMPANIES)
    return Figures(
        taken_at=overview.taken_at,
        summary=summary,
        newest_days=snapshot.rows("newest_days", limit=NEWEST_DAYS),
        companies=companies,
        companies_in_all=companies[0].companies_in_all if companies else 0,
        chart=_chart(snapshot, summary, companies),
        statuses=statuses,
        loads=loads,
        reasons=snapshot.rows("reject_reasons"),
        rejects=snapshot.rows("rejects", limit=LISTED_REJECTS, characters=REJECT_CHARACTERS),
        reconciliation=Reconciliation(
            rows_read=sum(load.rows_read for load in loads if load.is_built),
            charges=sum(status.charges for status in statuses),
            rejected=overview.rows_rejected,
            superseded=sum(status.superseded_rows for status in statuses),
            waiting=[load for load in loads if not load.is_built],
            replaced=[load for load in loads if not load.is_in_raw],
        ),
    )


def _chart(snapshot: Snapshot, summary: Any, companies: Sequence[Any]) -> Chart:  # noqa: ANN401 - named tuples
    counts = {"day": summary.days, "week": summary.weeks, "month": summary.months}
    step = next((step for step, count in counts.items() if count <= CHART_PERIODS), "year")
    shown = [company for company in companies if company.days][:CHART_COMPANIES]
    periods = snapshot.rows("periods", step=step, company_ids=[company.company_id for company in shown])
    return Chart(step, shown, summary.companies - len(shown), [Period(*row) for row in periods])
