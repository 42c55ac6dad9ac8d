"""The figures of a report, read from one snapshot. All business rules are in the dbt models; none is here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from report.changes import Changes, read_changes
from report.errors import NotBuiltError
from report.outliers import outlier_limit
from report.runs import read_runs
from report.snapshot import Snapshot, sql
from warehouse.texts import printable

RELATIONS = (
    "raw.loads",
    "stg_loads",
    "companies",
    "charges",
    "daily_transaction_summary",
    "daily_charge_outcomes",
    "daily_transactions",
    "rejected_transactions",
    "superseded_transactions",
    "load_outcomes",
    "load_totals",
    "business_day",
)

_SCHEMA_EXISTS = "select exists (select from pg_namespace where nspname = %(schema)s) as is_there"

_MISSING_RELATIONS = """
select relation
from unnest(%(relations)s) as relation
where to_regclass(relation) is null
order by relation
"""

# The chart tells this many companies apart; the others are one more, together.
CHART_COMPANIES = 9
# The most days that the chart and its table hold; of more days they hold weeks, then months, then years.
CHART_PERIODS = 1_500

_NEWEST_DAYS = 10
_LISTED_COMPANIES = 50
# Of each reason.
LISTED_REJECTS = 20
REJECT_CHARACTERS = 500


@dataclass(frozen=True)
class Summary:
    """Totals of the daily summary.

    Attributes:
        rows: Number of rows, one per company and day.
        transactions: Number of transactions.
        total: Sum of their amounts.
        days: The days with transactions, oldest first.
        outlier_limit: The largest total of a day that is not far above the others; None if there is no such limit.
        outliers: The days whose totals are above it, newest first, with these totals.
    """

    rows: int
    transactions: int
    total: Decimal
    days: Sequence[date]
    outlier_limit: Decimal | None
    outliers: Mapping[date, Decimal]


@dataclass(frozen=True)
class Company:
    """A company. `days`, `transactions` and `total` come from the daily summary.

    Attributes:
        has_unique_name: Whether no other company has the same name.
        charges: Number of charges, regardless of status.
    """

    company_id: str
    company_name: str
    has_unique_name: bool
    charges: int
    days: int
    transactions: int
    total: Decimal

    @property
    def label(self) -> str:
        """The name; with the id if another company has the same name."""
        return self.company_name if self.has_unique_name else f"{self.company_name} ({self.company_id})"


@dataclass(frozen=True)
class Period:
    """The total of a company in a day or a longer period; `company_id` is None for all other companies together."""

    period: date
    company_id: str | None
    total: Decimal
    transactions: int


@dataclass(frozen=True)
class Chart:
    """The daily totals, summarized to fit on a page.

    Attributes:
        step: Length of a period: day, week, month or year.
        companies: The companies shown separately, largest total first.
        others: Number of companies shown together.
        periods: The totals, oldest first.
    """

    step: str
    companies: Sequence[Company]
    others: int
    periods: Sequence[Period]


@dataclass(frozen=True)
class Reconciliation:
    """Whether every row that was read is accounted for.

    Attributes:
        rows_read: Number of rows in the loads that the marts are built from.
        charges: Number of rows that became charges.
        rejected: Number of rejected rows.
        superseded: Number of rows replaced by a later row with the same id.
        left_out: Number of rows that are no charges, by the format of their file.
        waiting: Loads that arrived after the last build.
        unpublished: Loads that a build has read but not published: it is running, or it failed.
        replaced: Loads that are still in the marts but no longer in raw.
    """

    rows_read: int
    charges: int
    rejected: int
    superseded: int
    left_out: int
    waiting: Sequence[Any]
    unpublished: Sequence[Any]
    replaced: Sequence[Any]

    @property
    def difference(self) -> int:
        """Number of rows not accounted for; 0 unless a build is running or failed, or a model is wrong."""
        return self.rows_read - self.charges - self.rejected - self.superseded - self.left_out


@dataclass(frozen=True)
class Figures:
    """All figures of a report. Rows of queries are named tuples with the columns from `report/sql`.

    Attributes:
        schema: Schema of the marts, as SQL has to write it.
        taken_at: Time of the snapshot, in UTC.
        time_zone: Time zone of the days in the summary.
        summary: Totals of the daily summary.
        changes: What has changed.
        newest_days: Newest rows of the daily summary.
        companies: The companies with the largest totals.
        companies_in_all: Number of all companies.
        chart: Totals of the daily summary by period and company.
        statuses: Charges by status, most frequent first.
        loads: All loads, newest first.
        reasons: Rejected rows by reason, most frequent first.
        rejects: The newest rejected rows.
        reconciliation: Whether all rows are accounted for.
        runs: The last runs of `python -m refresh`, newest first.
    """

    schema: str
    taken_at: datetime
    time_zone: str
    summary: Summary
    changes: Changes
    newest_days: Sequence[Any]
    companies: Sequence[Company]
    companies_in_all: int
    chart: Chart
    statuses: Sequence[Any]
    loads: Sequence[Any]
    reasons: Sequence[Any]
    rejects: Sequence[Any]
    reconciliation: Reconciliation
    runs: Sequence[Any]

    @property
    def last_arrival(self) -> datetime | None:
        """Time at which the latest load in raw finished, in UTC; None without loads."""
        return max((load.finished_at for load in self.loads if load.is_in_raw), default=None)

    @property
    def amount(self) -> Decimal:
        """Sum of all charges, regardless of status."""
        return sum((status.amount for status in self.statuses), Decimal("0.00"))

    @property
    def charges_with_updated_at(self) -> int:
        """Number of charges with a time of payment."""
        return sum(status.charges_with_updated_at for status in self.statuses)


def read_figures(snapshot: Snapshot) -> Figures:
    """Read all figures of a report from a snapshot.

    Raises:
        NotBuiltError: A table or view is missing.
        ReadError: The server refused a query.
        ConnectionFailedError: The connection was lost.
    """
    missing = [row.relation for row in snapshot.rows(_MISSING_RELATIONS, relations=list(RELATIONS))]
    if "raw.loads" in missing:
        raise NotBuiltError(
            "This database holds no loads: run `python -m ingest load FILE`, "
            "then `dbt build --project-dir dbt_project`. `make run` does both with a sample."
        )
    if missing:
        lacks = f"{', '.join(f'{snapshot.schema}.{name}' for name in missing)} missing"
        if not snapshot.row(_SCHEMA_EXISTS, schema=snapshot.schema).is_there:
            lacks = f"the schema {printable(snapshot.schema) or 'with an empty name'} does not exist"
        raise NotBuiltError(
            f"The models are not built in this database ({lacks}): "
            "run `dbt build --project-dir dbt_project`, or name another schema with --schema."
        )
    overview = snapshot.row(sql("overview.sql"), schema=snapshot.schema)
    statuses = snapshot.rows(sql("statuses.sql"))
    loads = snapshot.rows(sql("loads.sql"))
    reconciliation = _reconciliation(loads, overview, statuses)
    # The query reads all charges, so only where rows are missing.
    if reconciliation.difference > 0:
        unpublished = {row.load_id for row in snapshot.rows(sql("unpublished_loads.sql"))}
        loads = [
            load._replace(is_built=False) if load.load_id in unpublished else load
            for load in loads
            if load.is_in_raw or load.load_id not in unpublished
        ]
        reconciliation = _reconciliation(loads, overview, statuses, unpublished)
    totals = snapshot.rows(sql("totals.sql"))
    summary = _summary(totals)
    companies = _companies(snapshot, totals)
    chart = _chart(snapshot, summary, companies)
    return Figures(
        schema=overview.quoted_schema,
        taken_at=overview.taken_at,
        time_zone=overview.time_zone,
        summary=summary,
        changes=read_changes(
            snapshot,
            days={row.day: row for row in totals if row.day is not None},
            last_complete_day=overview.last_complete_day,
            names={company.company_id: company.label for company in companies},
            loads=loads,
        ),
        newest_days=_newest_days(snapshot, chart),
        companies=companies[:_LISTED_COMPANIES],
        companies_in_all=len(companies),
        chart=chart,
        statuses=statuses,
        loads=loads,
        reasons=snapshot.rows(sql("reject_reasons.sql")),
        rejects=snapshot.rows(sql("rejects.sql"), limit=LISTED_REJECTS, characters=REJECT_CHARACTERS),
        reconciliation=reconciliation,
        runs=read_runs(snapshot),
    )


def _reconciliation(
    loads: Sequence[Any],
    overview: Any,  # noqa: ANN401 - a named tuple of the query's columns
    statuses: Sequence[Any],
    unpublished: Collection[int] = (),
) -> Reconciliation:
    """Return what became of the rows of the loads.

    Args:
        loads: All loads, those that are not published as if they were not built.
        overview: Numbers of rows that are no charges.
        statuses: Charges by status.
        unpublished: Ids of the loads that are not published.
    """
    return Reconciliation(
        rows_read=sum(load.rows_read for load in loads if load.is_built),
        charges=sum(status.charges for status in statuses),
        rejected=overview.rows_rejected,
        superseded=overview.rows_superseded,
        left_out=overview.rows_left_out,
        waiting=[load for load in loads if not load.is_built and load.load_id not in unpublished],
        unpublished=[load for load in loads if load.load_id in unpublished],
        replaced=[load for load in loads if not load.is_in_raw],
    )


def _summary(totals: Sequence[Any]) -> Summary:
    (whole,) = (row for row in totals if row.company_id is None and row.day is None)
    by_day = {row.day: row.total for row in totals if row.day is not None}
    days = sorted(by_day)
    limit = outlier_limit(list(by_day.values()))
    outliers = {day: by_day[day] for day in reversed(days) if limit is not None and by_day[day] > limit}
    return Summary(whole.rows, whole.transactions or 0, whole.total or Decimal("0.00"), days, limit, outliers)


def _companies(snapshot: Snapshot, totals: Sequence[Any]) -> list[Company]:
    """Return all companies, largest total first."""
    found = {row.company_id: row for row in totals if row.company_id is not None}
    companies = []
    for company in snapshot.rows(sql("companies.sql")):
        sums = found.get(company.company_id)
        days, transactions, total = (sums.rows, sums.transactions, sums.total) if sums else (0, 0, Decimal("0.00"))
        companies.append(Company(**company._asdict(), days=days, transactions=transactions, total=total))
    return sorted(companies, key=lambda company: (-company.total, -company.charges, company.company_id))


def _chart(snapshot: Snapshot, summary: Summary, companies: Sequence[Company]) -> Chart:
    steps = {
        "day": set(summary.days),
        "week": {day - timedelta(days=day.weekday()) for day in summary.days},
        "month": {day.replace(day=1) for day in summary.days},
    }
    step = next((step for step, periods in steps.items() if len(periods) <= CHART_PERIODS), "year")
    paid = [company for company in companies if company.days]
    shown = paid[:CHART_COMPANIES]
    periods = snapshot.rows(sql("periods.sql"), step=step, company_ids=[company.company_id for company in shown])
    return Chart(step, shown, len(paid) - len(shown), [Period(*row) for row in periods])


def _newest_days(snapshot: Snapshot, chart: Chart) -> Sequence[Any]:
    """Return the newest rows of the summary. Only the newest periods are searched, since each has at least one row."""
    periods = sorted({period.period for period in chart.periods})[-_NEWEST_DAYS:]
    return snapshot.rows(sql("newest_days.sql"), since=periods[0], limit=_NEWEST_DAYS) if periods else []
