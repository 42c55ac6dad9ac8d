"""What builds and the daily summary cost, and how that grows: `python -m benchmarks.models`."""

import json
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg2
from dbt.cli.main import dbtRunner

from benchmarks.ingest import seconds
from benchmarks.server import benchmark_server
from ingest import DataLoader
from ingest.sample import write_sample
from warehouse.embedded import EmbeddedServer

CHECKOUT = Path(__file__).resolve().parent.parent

COMPANIES = 1_000
DAYS = 730
NEWS = 10_000

SUMMARY = "select * from analytics.daily_transaction_summary"
QUERIES = {
    "one day": f"{SUMMARY} where transaction_date = '2019-03-01'",
    "one company's month": f"{SUMMARY} where company_id = (select min(company_id) from analytics.companies)"
    " and transaction_date between '2019-03-01' and '2019-03-31'",
    "everything": SUMMARY,
}


@dataclass(frozen=True)
class Figures:
    """What was measured of a warehouse of so many rows; builds in seconds, queries in milliseconds."""

    rows: int
    script: float
    first: float
    nothing_new: float
    news: float
    queries: dict[str, float]


def build(directory: Path, name: str) -> float:
    """Build and test the models; the seconds from the first statement to the last, without dbt's own start."""
    done = dbtRunner().invoke(
        [
            *("build", "--quiet", "--exclude-resource-type", "unit_test"),
            *("--project-dir", str(CHECKOUT / "dbt_project"), "--profiles-dir", str(CHECKOUT)),
            *("--target-path", str(directory / "target"), "--log-path", str(directory / "logs")),
        ]
    )
    if not done.success:
        raise click.ClickException(f"The build failed: {done.exception or done.result}")
    run = json.loads((directory / "target" / "run_results.json").read_text())
    dearest = sorted(run["results"], key=lambda result: -result["execution_time"])[:4]
    parts = ", ".join(f"{one['unique_id'].split('.')[2]} {one['execution_time']:.1f}" for one in dearest)
    click.echo(f"{name}: of the time took {parts} s", err=True)
    # Not the sum of all nodes: two run at once, and the script's time is that of a clock too.
    return float(run["elapsed_time"])


def milliseconds(cursor: "psycopg2.extensions.cursor", query: str) -> float:
    """What a query takes in the server, the median of three."""
    taken = []
    for _ in range(3):
        cursor.execute(f"explain (analyze, timing off, format json) {query}")
        taken.append(cursor.fetchone()[0][0]["Execution Time"])  # type: ignore[index]
    return statistics.median(taken)


def load(directory: Path, rows: int, seed: int) -> None:
    """Load a sample of so many rows into the database that PGDATABASE names."""
    file = directory / "sample.csv"
    write_sample(file, rows=rows, seed=seed, companies=COMPANIES, days=DAYS)
    DataLoader().load_csv_to_database(str(file))
    file.unlink()


def measure(server: EmbeddedServer, directory: Path, rows: int) -> Figures:
    """Fill a database with so many rows, build it, build it again, and add NEWS more."""
    database = f"warehouse_{rows}"
    os.environ["PGDATABASE"] = database
    load(directory, rows, seed=1)
    connection = psycopg2.connect(host=str(server.socket), dbname=database)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
        script_text = (CHECKOUT / "benchmarks" / "naive.sql").read_text()
        script = seconds(lambda: cursor.execute(script_text))
        cursor.execute("drop schema naive cascade")
        first = build(directory, f"{rows:,} rows, first build")
        cursor.execute("vacuum analyze")
        nothing_new = build(directory, f"{rows:,} rows, nothing new")
        load(directory, NEWS, seed=2)
        news = build(directory, f"{rows:,} rows, {NEWS:,} more")
        queries = {name: milliseconds(cursor, query) for name, query in QUERIES.items()}
    connection.close()
    return Figures(rows, script, first, nothing_new, news, queries)


def print_tables(empty: float, all_figures: Sequence[Figures]) -> None:
    """Print what was measured as Markdown."""
    sizes = " | ".join(f"{figures.rows:,} rows" for figures in all_figures)
    rule = "|---" * (len(all_figures) + 1) + "|"

    def row(name: str, cells: Sequence[str]) -> None:
        click.echo(f"| {name} | {' | '.join(cells)} |")

    click.echo(f"### Builds with their tests\n\n| | {sizes} |\n{rule}")
    row("a script without any check, with keys, s", [f"{one.script:.1f}" for one in all_figures])
    row("first build, s", [f"{one.first:.1f}" for one in all_figures])
    row("first build, times the script", [f"{one.first / one.script:.1f}" for one in all_figures])
    row("first build, microseconds a row", [f"{one.first / one.rows * 1e6:.0f}" for one in all_figures])
    row("nothing new, s", [f"{one.nothing_new:.1f}" for one in all_figures])
    row(f"{NEWS:,} rows more, s", [f"{one.news:.1f}" for one in all_figures])
    row(
        f"times {NEWS:,} rows in an empty warehouse ({empty:.1f} s)", [f"{one.news / empty:.1f}" for one in all_figures]
    )
    click.echo(f"\n### daily_transaction_summary, {COMPANIES:,} companies, {DAYS} days\n\n| ms | {sizes} |\n{rule}")
    for name in QUERIES:
        row(name, [f"{one.queries[name]:.1f}" for one in all_figures])
    row(
        "one day, of everything",
        [f"1/{one.queries['everything'] / one.queries['one day']:.0f}" for one in all_figures],
    )


@click.command()
@click.option(
    "--rows", type=int, multiple=True, default=(1_000_000, 10_000_000), show_default=True, help="Of a warehouse."
)
def main(*, rows: tuple[int, ...]) -> None:
    """Measure builds and the view; print Markdown, and the dearest nodes of each build on standard error."""
    with benchmark_server(*(f"warehouse_{size}" for size in (NEWS, *rows))) as (server, directory):
        os.environ["PGDATABASE"] = f"warehouse_{NEWS}"
        load(directory, NEWS, seed=2)
        empty = build(directory, f"{NEWS:,} rows in an empty warehouse")
        print_tables(empty, [measure(server, directory, size) for size in rows])


if __name__ == "__main__":
    main()
