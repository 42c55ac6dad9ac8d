"""The runs of `python -m refresh`, which a warehouse has if something refreshes it by itself."""

from collections.abc import Sequence
from typing import Any

from report.snapshot import Snapshot, sql

# A week of runs at every hour would fill the page; whoever wants more asks raw.runs.
LISTED_RUNS = 10

# A raw schema from before there were runs, or one whose owner has not granted them to this role, has none to show.
_MAY_READ = "select coalesce(has_table_privilege(to_regclass('raw.runs')::oid, 'select'), false) as may_read"


def read_runs(snapshot: Snapshot) -> Sequence[Any]:
    """Return the last runs as `report/sql/runs.sql` returns them, newest first; none if there is no record of them."""
    return snapshot.rows(sql("runs.sql"), limit=LISTED_RUNS) if snapshot.row(_MAY_READ).may_read else []


def problem_text(problem: dict[str, Any]) -> str:
    """Return a problem of a run in a few words, such as `load failed: payments.csv`."""
    kind = problem["kind"].replace("_", " ")
    return f"{kind}: {problem['subject']}"
