"""The command line: parses arguments, calls the library and prints reports."""

import dataclasses
import glob
import os
import shlex
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from ingest.errors import HeaderError
from ingest.extract import DataExtractor
from ingest.formats import COLUMNS
from ingest.inspection import Options, inspect_file, rereadable
from ingest.load import DataLoader
from ingest.partitions import extract_partitioned
from ingest.rehearsal import rehearse, why_impossible
from ingest.render import byte_progress, lock_waits, print_report, waiting
from ingest.results import (
    ExtractReport,
    Inspection,
    LoadReport,
    PartitionedExtractReport,
    Report,
    SchemaExtractReport,
)
from ingest.sample import MAX_COMPANIES, write_sample
from ingest.schema_extract import extract_schema
from ingest.settings import Settings
from ingest.source import source_name
from warehouse.commands import Group, json_option, print_json, quiet_option
from warehouse.embedded import EmbeddedServer
from warehouse.errors import WarehouseError, kind
from warehouse.texts import printable

_SAMPLE = Path("data", "sample.csv")
_SAMPLE_ROWS = 10_000
_SAMPLE_SEED = 2019

_EXPORTS = Path("exports")


class _OutputPath(click.Path):
    """The path of an output. An empty one, such as that of an unset variable, would be this directory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Return the path; fail if it is empty."""
        if not value:
            self.fail("the path is empty. Name an output, or leave the option out.", param, ctx)
        return super().convert(value, param, ctx)


_OUTPUT = _OutputPath(path_type=Path)
_OUTPUT_FILE = _OutputPath(dir_okay=False, path_type=Path)

_lock_timeout_option = click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Maximum time to wait for another load.  [default: INGEST_LOCK_TIMEOUT, else no limit]",
)

_DELIMITERS = {",": ",", ";": ";", "|": "|", "tab": "\t", "\t": "\t"}


def _delimiter(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    if value not in _DELIMITERS:
        raise click.BadParameter("use , ; | or tab.")
    return _DELIMITERS[value]


def _constants(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    if not all("=" in value for value in values):
        raise click.BadParameter("write COLUMN=VALUE.")
    return dict(value.split("=", 1) for value in values)


def _how_files_are_written(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how files are written, as far as they do not say it themselves."""
    options = (
        click.option(
            "--format",
            "format_name",
            metavar="NAME",
            help="Format of the file, or the path of a .toml file.  [default: the one that the header fits]",
        ),
        click.option(
            "--set",
            "constants",
            metavar="COLUMN=VALUE",
            multiple=True,
            callback=_constants,
            help="Value of a column that the file does not have: company_id, name, status or currency.",
        ),
        click.option(
            "--delimiter",
            metavar="CHARACTER",
            callback=_delimiter,
            help="Field delimiter: one of , ; | or tab.  [default: the format's, or the one that fits]",
        ),
        click.option("--encoding", help="Encoding of a file without a byte order mark.  [default: the format's]"),
        click.option(
            "--no-header",
            "without_header",
            is_flag=True,
            help=f"The file has no header; its fields are {', '.join(COLUMNS)}.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(cls=Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@_lock_timeout_option
@json_option
@quiet_option
@click.pass_context
def program(context: click.Context, *, lock_timeout: float | None, as_json: bool, quiet: bool) -> None:
    """Load payments from CSV files into PostgreSQL, and extract relations from it.

    Without a command, load the file that INGEST_INPUT names, or a synthetic sample, then export the raw table as
    Parquet and print the reports.

    The variables PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE … select the server. If none of them is set, an
    embedded PostgreSQL is started under this directory.
    """
    if context.invoked_subcommand is not None:
        if lock_timeout is not None:
            raise click.UsageError("Write --lock-timeout after the command.")
    else:
        source = Settings.from_environment().input or _sample()
        report = _load_one(source, quiet=quiet, lock_timeout=lock_timeout)
        extract = _extract_one("raw.raw_transactions", "parquet", None, quiet=quiet)
        if as_json:
            print_json({"load": report.to_dict(), "extract": extract.to_dict()})
        else:
            _print(report)
            _print(extract)
        _warn([report])


@program.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_how_files_are_written
@click.option("--force", is_flag=True, help="Replace an earlier load of the same content.")
@click.option(
    "--max-rejects",
    type=click.IntRange(min=0),
    help="Maximum unreadable rows per file; with more, the file is not loaded.",
)
@click.option(
    "--max-reject-ratio",
    type=click.FloatRange(0, 1),
    help="Maximum share of unreadable rows per file; with more, the file is not loaded.",
)
@_lock_timeout_option
@json_option
@quiet_option
def load(files: tuple[str, ...], *, as_json: bool, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Load CSV files.

    FILE is a CSV file, a pattern such as 'data/*.csv', an https:// or s3:// address, or - for standard input. It may
    be compressed with gzip, bzip2, xz, Zstandard or zip. Each file is loaded completely or not at all, and the same
    content is loaded only once. Rows that cannot be read are kept in raw.rejected_rows; if they are unusually many, a
    warning says so. Exit codes: 1 if a file cannot be loaded, 3 if it has too many unreadable rows.
    """
    reports, failures = [], []
    for path in [path for pattern in files for path in _expand(pattern)]:
        try:
            report = _load_one(path, quiet=quiet, **options)
        except WarehouseError as error:
            failures.append((path, error))
            click.echo(f"Error: {error}", err=True)
        else:
            reports.append(report)
            if not as_json:
                _print(report)
    if as_json:
        print_json(
            {
                "loads": [report.to_dict() for report in reports],
                "errors": [str(error) for _, error in failures],
                "failures": [
                    {"source_name": source_name(path), "kind": kind(error), "message": str(error)}
                    for path, error in failures
                ],
            }
        )
    _warn(reports)
    if failures:
        sys.exit(max(error.exit_code for _, error in failures))


@program.command()
@click.argument("file")
@_how_files_are_written
@click.option(
    "--propose", is_flag=True, help="Print only a format for the file, to be saved as formats/NAME.toml and checked."
)
@json_option
@quiet_option
def inspect(file: str, *, propose: bool, as_json: bool, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Show what is in a file, and what a load and a build would make of it.

    FILE is a CSV file, compressed or not, an https:// or s3:// address, or - for standard input. The warehouse is
    neither changed nor queried: the file is loaded into a temporary PostgreSQL, the models are built there, and both
    are deleted. This takes a few seconds, and as much disk space as a load.

    For a file that fits no format, propose one: python -m ingest inspect FILE --propose > formats/NAME.toml

    Exit codes: 1 if the file cannot be loaded as it is; with --propose, if nothing can be proposed.
    """
    known = Options(**options)
    with rereadable(file) as path:
        name = source_name(file)
        with byte_progress(f"Reading {name}", quiet=quiet) as update:
            inspection = inspect_file(
                path,
                known,
                name=name,
                always_propose=propose,
                on_progress=lambda source: update(completed=source.position, total=source.size),
            )
        if propose:
            _print_proposal(inspection)
            return
        why_not = why_impossible() if inspection else "the file cannot be loaded as it is"
        inspection = dataclasses.replace(inspection, rehearsal_left_out=why_not)
        if not as_json:
            # The rest takes longer.
            _print(inspection)
        if why_not is None:
            with waiting("Rehearsing the build on a temporary server", quiet=quiet):
                rehearsal = rehearse(path, inspection.format, known)
            inspection = dataclasses.replace(inspection, rehearsal=rehearsal)
            if not as_json:
                _print(rehearsal)
    if as_json:
        print_json(inspection.to_dict())
    elif inspection.proposal:
        command = printable(f"python -m ingest inspect {shlex.quote(file)} --propose > formats/NAME.toml")
        click.echo(f"\nTo propose a format: {command}")
    if not inspection:
        sys.exit(1)


def _print_proposal(inspection: Inspection) -> None:
    if inspection.proposal is None:
        raise HeaderError(f"{inspection.file.name}: {inspection.problem}. {inspection.advice or ''}".rstrip())
    click.echo(inspection.proposal, nl=False)


@program.command()
@click.option("--relation", default="raw.raw_transactions", show_default=True, help="Table or view as SCHEMA.NAME.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="Output format.",
)
@click.option(
    "--schema", help="Instead, write every table and view in this schema, such as analytics, that has a description."
)
@click.option(
    "--partition-by-load",
    is_flag=True,
    help="Instead, update a directory of Parquet files from the raw schema: one partition per load.",
)
@click.option(
    "--output",
    type=_OUTPUT,
    help="Output file, or directory with --schema or --partition-by-load.  "
    "[default: exports/RELATION.FORMAT, exports/SCHEMA or exports/raw]",
)
@json_option
@quiet_option
@click.pass_context
def extract(
    context: click.Context,
    *,
    relation: str,
    file_format: str,
    schema: str | None,
    partition_by_load: bool,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write a table or view to a file.

    FILE.metadata.json describes the output file. With --schema, the command writes the marts to a directory, all from
    one snapshot. With --partition-by-load, it updates a directory of Parquet files for Spark from the raw schema: it
    adds new loads and removes deleted ones.
    """
    if partition_by_load or schema is not None:
        name = "--partition-by-load" if partition_by_load else "--schema"
        for option in ("relation", "file_format"):
            if context.get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE:
                raise click.UsageError(f"{name} takes neither --relation nor --format.")
        if partition_by_load and schema is not None:
            raise click.UsageError("--partition-by-load does not take --schema.")
        if schema is not None:
            _print(_extract_schema(schema, output or _EXPORTS / schema, quiet=quiet), as_json=as_json)
        else:
            _print(_extract_partitioned(output or _EXPORTS / "raw", quiet=quiet), as_json=as_json)
        return
    if output is not None and os.path.isdir(output):  # noqa: PTH112 - Path.is_dir() raises where one may not look
        raise click.BadParameter(f"{output} is a directory.", param_hint="--output")
    _print(_extract_one(relation, file_format, output, quiet=quiet), as_json=as_json)


@program.command()
@json_option
def validate(*, as_json: bool) -> None:
    """Recount every load from the tables.

    Exits with code 1 if a row is missing or duplicated.
    """

    report = DataLoader().validate_data_integrity()
    _print(report, as_json=as_json)
    if not report:
        sys.exit(1)


@program.command()
@click.argument("load_ids", nargs=-1, required=True, type=click.IntRange(min=1), metavar="LOAD_ID...")
@_lock_timeout_option
@json_option
def remove(load_ids: tuple[int, ...], *, lock_timeout: float | None, as_json: bool) -> None:
    """Remove loads, either all that are named or none.

    Use this for a file that should not have been loaded. validate lists the loads. The next dbt build removes their
    rows from the marts.
    """

    report = DataLoader().remove_loads(load_ids, **_waiting_for_the_lock(lock_timeout))
    _print(report, as_json=as_json)


@program.command()
@_lock_timeout_option
@json_option
def migrate(*, lock_timeout: float | None, as_json: bool) -> None:
    """Migrate the raw schema to the current version.

    load does this automatically if its role may change the schema. If there is nothing to do, it does not wait for a
    load.
    """

    applied = DataLoader().migrate_raw_schema(**_waiting_for_the_lock(lock_timeout))
    if as_json:
        print_json({"applied": applied})
    else:
        click.echo("\n".join(f"Applied {name}" for name in applied) or "The raw schema is up to date.")


@program.command()
@click.option(
    "--rows", type=click.IntRange(min=0), default=_SAMPLE_ROWS, show_default=True, help="Number of data rows."
)
@click.option(
    "--seed", type=int, default=_SAMPLE_SEED, show_default=True, help="Random seed; the same seed gives the same bytes."
)
@click.option(
    "--companies", type=click.IntRange(1, MAX_COMPANIES), default=5, show_default=True, help="Number of companies."
)
@click.option(
    "--days", type=click.IntRange(min=1), default=140, show_default=True, help="Number of days, from 2019-01-01."
)
@click.option("--output", type=_OUTPUT_FILE, default=_SAMPLE, help="Output file.  [default: data/sample.csv]")
@json_option
def sample(*, rows: int, seed: int, companies: int, days: int, output: Path, as_json: bool) -> None:
    """Write synthetic payments with known defects."""
    _print(write_sample(output, rows=rows, seed=seed, companies=companies, days=days), as_json=as_json)


@program.command()
@click.argument("action", type=click.Choice(["start", "stop", "remove"]))
def server(action: str) -> None:
    """Start, stop or remove the embedded PostgreSQL.

    Other commands start it on demand. remove also deletes all loaded data.
    """

    embedded = EmbeddedServer.of_checkout()
    if action == "start":
        embedded.start()
        click.echo(f"The embedded PostgreSQL is running. Connect with: psql '{embedded.conninfo}'")
    elif action == "remove":
        embedded.remove()
        click.echo("The embedded PostgreSQL and its data were deleted.")
    else:
        stopped = embedded.stop()
        click.echo("The embedded PostgreSQL was stopped." if stopped else "The embedded PostgreSQL was not running.")


def _sample() -> str:
    """Return the path of the sample, which is written first if it does not exist."""
    if not _SAMPLE.exists():
        write_sample(_SAMPLE, rows=_SAMPLE_ROWS, seed=_SAMPLE_SEED)
    return str(_SAMPLE)


def _expand(pattern: str) -> list[str]:
    """Return the files that match a pattern, or the pattern itself if it is the name of a file or matches nothing."""
    exists = os.path.exists(pattern)  # noqa: PTH110 - Path.exists() raises where one may not look
    files = [] if exists else sorted(glob.glob(pattern, recursive=True))
    return files or [pattern]


def _waiting_for_the_lock(lock_timeout: float | None) -> dict[str, Any]:
    """Return the arguments of the methods that wait for another load."""
    if lock_timeout is None:
        lock_timeout = Settings.from_environment().lock_timeout
    return {"lock_timeout": lock_timeout, "on_wait": lock_waits()}


def _load_one(path: str, *, quiet: bool, lock_timeout: float | None, **options: Any) -> LoadReport:  # noqa: ANN401
    try:
        with byte_progress(f"Loading {source_name(path)}", quiet=quiet) as update:
            return DataLoader().load_csv_to_database(
                path,
                on_progress=lambda source: update(completed=source.position, total=source.size),
                **_waiting_for_the_lock(lock_timeout),
                **options,
            )
    except KeyboardInterrupt as interrupt:
        for note in getattr(interrupt, "__notes__", ()):
            click.echo(note, err=True)
        raise


def _extract_one(relation: str, file_format: str, output: Path | None, *, quiet: bool) -> ExtractReport:

    target = output or _EXPORTS / f"{relation}.{file_format}"
    with byte_progress(f"Extracting {relation}", quiet=quiet) as update:
        return DataExtractor().extract(relation, file_format, str(target), lambda count: update(advance=count))


def _extract_schema(schema: str, directory: Path, *, quiet: bool) -> SchemaExtractReport:
    with byte_progress(f"Extracting {schema}", quiet=quiet) as update:
        return extract_schema(schema, directory, on_progress=lambda count: update(advance=count))


def _extract_partitioned(directory: Path, *, quiet: bool) -> PartitionedExtractReport:

    with byte_progress("Extracting new loads", quiet=quiet) as update:
        return extract_partitioned(directory, on_progress=lambda count: update(advance=count))


def _warn(reports: Iterable[LoadReport]) -> None:
    """Print what is unusual about loads, last of all and with `--quiet` and `--json` too."""
    for report in reports:
        for warning in report.warnings:
            click.echo(f"{click.style('Warning:', fg='red', bold=True)} {report.source_name}: {warning}", err=True)


def _print(report: Report, *, as_json: bool = False) -> None:
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report)
