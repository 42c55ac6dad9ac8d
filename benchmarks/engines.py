"""What a first build costs on PostgreSQL, on DuckDB and in a local Spark session: `python -m benchmarks.engines`.

Spark needs Java 17.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import psutil

from benchmarks.models import CHECKOUT, load
from benchmarks.server import benchmark_server
from ingest.partitions import extract_partitioned
from warehouse.embedded import EmbeddedServer

# How often memory is looked at.
SAMPLE_SECONDS = 0.25


@dataclass(frozen=True)
class Build:
    """A build with its tests, dbt's own start included: seconds, and bytes of memory at the peak, shared ones once."""

    seconds: float
    memory: int


def memory_of(processes: Iterable[psutil.Process]) -> int:
    """The memory of processes and of all that they have started."""
    found = 0
    for parent in processes:
        with contextlib.suppress(psutil.Error):
            for process in (parent, *parent.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    found += process.memory_full_info().pss
    return found


@contextlib.contextmanager
def peak_memory(processes: Sequence[psutil.Process]) -> Iterator[list[int]]:
    """A list whose last entry is the most memory seen at once."""
    seen = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            seen.append(max(seen[-1], memory_of(processes)))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def build(directory: Path, target: str, others: Sequence[psutil.Process], **environment: str) -> Build:
    """Build and test the models by a dbt of its own, together with other processes that work for it."""
    started = time.monotonic()
    process = subprocess.Popen(
        [
            *(str(Path(sys.executable).with_name("dbt")), "build", "--target", target, "--quiet"),
            *("--exclude-resource-type", "unit_test", "--project-dir", str(CHECKOUT / "dbt_project")),
            *("--profiles-dir", str(CHECKOUT), "--target-path", str(directory / "target")),
            *("--log-path", str(directory / "logs")),
        ],
        env={**os.environ, **environment},
        stdout=sys.stderr,
    )
    with peak_memory([psutil.Process(process.pid), *others]) as memory:
        failed = process.wait()
    if failed:
        raise click.ClickException(f"The build on {target} failed.")
    return Build(time.monotonic() - started, memory[-1])


@dataclass(frozen=True)
class Figures:
    """Builds of so many rows on each engine, and the seconds that an extract of them took."""

    postgres: Build
    extract: float
    duckdb: Build
    spark: Build


def measure(server: EmbeddedServer, directory: Path, rows: int) -> Figures:
    """Build so many rows on all engines."""
    os.environ["PGDATABASE"] = f"warehouse_{rows}"
    load(directory, rows, seed=1)
    postmaster = psutil.Process(int((server.data / "postmaster.pid").read_text().split()[0]))
    on_postgres = build(directory, "postgres", [postmaster])
    started = time.monotonic()
    extract_partitioned(directory / "extract")
    extract = time.monotonic() - started
    os.environ["EXTRACT_LOCATION"] = str(directory / "extract")
    file = directory / "warehouse.duckdb"
    on_duckdb = build(directory, "duckdb", [], DUCKDB_PATH=str(file))
    on_spark = build(
        directory,
        "spark",
        [],
        SPARK_DIRECTORY=str(directory / "spark"),
        SPARK_DRIVER_MEMORY=os.environ.get("SPARK_DRIVER_MEMORY", "") or "4g",
    )
    file.unlink()
    shutil.rmtree(directory / "extract")
    shutil.rmtree(directory / "spark")
    return Figures(on_postgres, extract, on_duckdb, on_spark)


def print_table(sizes: Sequence[int], measured: Sequence[Figures]) -> None:
    """Print what was measured as Markdown."""
    click.echo(f"### A first build with its tests, on {os.cpu_count()} cores\n")
    click.echo("| | " + " | ".join(f"{size:,} rows" for size in sizes) + " |\n|---" + "|---" * len(sizes) + "|")

    def row(name: str, cells: Iterable[str]) -> None:
        click.echo(f"| {name} | {' | '.join(cells)} |")

    row("PostgreSQL, s", (f"{one.postgres.seconds:.0f}" for one in measured))
    row("extract, s", (f"{one.extract:.1f}" for one in measured))
    row("DuckDB, s", (f"{one.duckdb.seconds:.0f}" for one in measured))
    row("DuckDB, times PostgreSQL", (f"{one.duckdb.seconds / one.postgres.seconds:.2f}" for one in measured))
    row("Spark, s", (f"{one.spark.seconds:.0f}" for one in measured))
    row("Spark, times PostgreSQL", (f"{one.spark.seconds / one.postgres.seconds:.1f}" for one in measured))
    row("PostgreSQL, MiB", (f"{one.postgres.memory / 2**20:,.0f}" for one in measured))
    row("DuckDB, MiB", (f"{one.duckdb.memory / 2**20:,.0f}" for one in measured))
    row("Spark, MiB", (f"{one.spark.memory / 2**20:,.0f}" for one in measured))


@click.command()
@click.option(
    "--rows", type=int, multiple=True, default=(1_000_000, 10_000_000), show_default=True, help="Of a warehouse."
)
def main(*, rows: tuple[int, ...]) -> None:
    """Measure builds on all engines; print Markdown."""
    with benchmark_server(*(f"warehouse_{size}" for size in rows)) as (server, directory):
        print_table(rows, [measure(server, directory, size) for size in rows])


if __name__ == "__main__":
    main()
