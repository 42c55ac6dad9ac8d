"""A warehouse whose raw schema a test fills by hand, and dbt to build it with."""

import contextlib
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import psycopg2
from dbt.cli.main import dbtRunner
from dbt_common.behavior_flags import BehaviorFlagRendered
from psycopg2.extras import execute_values

from tests import killable
from tests.oracle import Charge, Company, Marts, RawRow, SummaryRow, expected_marts
from tests.waiting import wait_until

CHECKOUT = Path(__file__).resolve().parents[2]
PROJECT = CHECKOUT / "dbt_project"

# The same name in every test, so that dbt need not read the whole project again.
DATABASE = "warehouse_under_test"

FIRST_ARRIVAL = datetime(2024, 1, 1, tzinfo=UTC)

# A build without tests: what they check, the tests here check by themselves.
TABLES = ("build", "--resource-type", "seed", "--resource-type", "model")

# A build with the checks on the data; the unit tests do not depend on it.
CHECKED = ("build", "--exclude-resource-type", "unit_test")

# For a message alone, dbt searches all modules for the one that defines a switch, with every command anew. With as many
# modules as the tests import, that is a tenth of a build.
BehaviorFlagRendered._default_source = staticmethod(lambda: "dbt")  # type: ignore[method-assign]

BAD_STATUSES = ("error", "fail", "runtime error", "skipped")


class DbtFailedError(AssertionError):
    """dbt did not end well; the message says what it said."""


@dataclass(frozen=True)
class Dbt:
    """dbt on this project, writing its own files to a temporary directory."""

    directory: Path

    def __call__(self, command: str, *arguments: str) -> Mapping[str, str]:
        """Run dbt in this process; the status of each node that it ran, by its name.

        Raises:
            DbtFailedError: dbt could not start, or a node failed.
        """
        outcome = dbtRunner().invoke([*command.split(), *self.options, *arguments])
        results = getattr(outcome.result, "results", [])
        if not outcome.success:
            said = [f"{one.node.name} {one.status}: {one.message}" for one in results if one.status in BAD_STATUSES]
            raise DbtFailedError("\n".join([str(outcome.exception or ""), *said]))
        return {one.node.name: str(one.status) for one in results}

    def compile(self, template: str, *arguments: str) -> str:
        """What a template is compiled to."""
        outcome = dbtRunner().invoke(["compile", "--inline", template, *self.options, *arguments])
        assert outcome.success, outcome.exception
        (compiled,) = getattr(outcome.result, "results", [])
        return str(compiled.node.compiled_code)

    def elsewhere(self, target: Path, project: Path = PROJECT) -> list[str]:
        """The options to write to another directory, or to run another project, that need not read all of it first.

        Another database, target or variable makes dbt read all of it nevertheless, but not again for the next test.
        """
        target.mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.copy(self.directory / "target" / "partial_parse.msgpack", target)
        return ["--target-path", str(target), "--project-dir", str(project)]

    def start(self, command: str, *arguments: str) -> ForkServerProcess:
        """Start dbt as a process of its own, to be killed."""
        return killable.start(run_to_exit, [command, *self.options, *arguments])

    @property
    def options(self) -> list[str]:
        """The options that every command takes."""
        return [
            *("--project-dir", str(PROJECT), "--profiles-dir", str(CHECKOUT)),
            *("--target-path", str(self.directory / "target"), "--log-path", str(self.directory / "logs")),
            # dbt in this process would leave its log file open.
            *("--log-level-file", "none", "--quiet", "--no-write-json"),
        ]


def run_to_exit(arguments: list[str]) -> None:
    """Run dbt and end the process as dbt's own command does."""
    sys.exit(not dbtRunner().invoke(arguments).success)


@dataclass
class Warehouse:
    """A database with a raw schema, and the raw rows that are in it."""

    conninfo: str
    rows: list[RawRow] = field(default_factory=list)
    arrivals: dict[int, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = psycopg2.connect(self.conninfo)
        self.connection.autocommit = True

    def load(self, rows: Iterable[Sequence[str | None]], unreadable: Sequence[tuple[str, bytes]] = ()) -> int:
        """Add a load and return its id.

        Args:
            rows: the readable rows (id, name, company_id, amount, status, created_at, paid_at).
            unreadable: reason and bytes of the records that follow them.
        """
        rows = list(rows)
        arrived_at = FIRST_ARRIVAL + timedelta(days=len(self.arrivals))
        with psycopg2.connect(self.conninfo) as connection, connection.cursor() as cursor:
            cursor.execute(
                "insert into raw.loads (source_name, sha256, bytes, encoding, line_terminator, has_header, rows_read,"
                " rows_loaded, rows_rejected, blank_records, started_at, finished_at) values ('test.csv',"
                " encode(sha256(random()::text::bytea), 'hex'), 0, 'utf-8', '', true, %s, %s, %s, 0, %s, %s)"
                " returning load_id",
                (len(rows) + len(unreadable), len(rows), len(unreadable), arrived_at, arrived_at),
            )
            ((load_id,),) = cursor.fetchall()
            added = [RawRow(load_id, number, *row) for number, row in enumerate(rows, 1)]
            records = [(load_id, number, *record) for number, record in enumerate(unreadable, len(rows) + 1)]
            execute_values(
                cursor,
                "insert into raw.raw_transactions (_load_id, _row_number, id, name, company_id, amount, status,"
                " created_at, paid_at) values %s",
                [astuple(row) for row in added],
            )
            execute_values(cursor, "insert into raw.rejected_rows values %s", records)
        connection.close()
        self.rows += added
        self.arrivals[load_id] = arrived_at.replace(tzinfo=None)
        return int(load_id)

    def remove(self, load_id: int) -> None:
        """Remove a load, as ingest does before it loads a file by force."""
        self.execute(
            f"begin; delete from raw.raw_transactions where _load_id = {load_id};"
            f" delete from raw.loads where load_id = {load_id}; commit"
        )
        self.rows = [row for row in self.rows if row.load_id != load_id]

    def expected(self) -> Marts:
        """What the oracle makes of the readable rows."""
        return expected_marts(self.rows, self.arrivals)

    def published(self) -> Marts:
        """What the marts hold of the readable rows."""
        companies = [Company(*row) for row in self._select(Company, "companies")]
        charges = [Charge(*row) for row in self._select(Charge, "charges")]
        summary = [SummaryRow(*row) for row in self._select(SummaryRow, "daily_transaction_summary")]
        rejected = self.query(
            "select load_id, row_number, reasons from analytics.rejected_transactions where record is null"
        )
        return Marts(
            companies={company.company_id: company for company in companies},
            charges={charge.id: charge for charge in charges},
            rejected={(load_id, number): tuple(reasons.split(",")) for load_id, number, reasons in rejected},
            superseded=len(self.query("select load_id, row_number from analytics.superseded_transactions")),
            summary=summary,
        )

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows that a query gives."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def execute(self, statement: str) -> None:
        """Run statements that give no rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement)

    def wait_for(self, question: str) -> None:
        """Wait until a query answers true."""
        wait_until(lambda: self.query(question) == [(True,)], question)

    def _select(self, row: type, table: str) -> list[tuple[Any, ...]]:
        columns = ", ".join(column.name for column in fields(row))
        return self.query(f"select {columns} from analytics.{table}")
