"""What the models cost, against a script that checks nothing: `python -m benchmarks.models`."""

import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path

import click
import psycopg2
from dbt.cli.main import dbtRunner

from benchmarks.ingest import seconds
from ingest import DataLoader
from ingest.embedded import EmbeddedServer, server_account
from ingest.sample import write_sample

CHECKOUT = Path(__file__).resolve().parent.parent

ONE_DAY = "select * from analytics.daily_transaction_summary where transaction_date = '2019-03-01'"
EVERYTHING = "select * from analytics.daily_transaction_summary"


def build(directory: Path) -> float:
    """Build the models; the seconds that their statements took, without dbt's own start."""
    done = dbtRunner().invoke(
        [
            *("build", "--quiet", "--resource-type", "seed", "--resource-type", "model", "--resource-type", "test"),
            *("--project-dir", str(CHECKOUT / "dbt_project"), "--profiles-dir", str(CHECKOUT)),
            *("--target-path", str(directory / "target"), "--log-path", str(directory / "logs")),
        ]
    )
    if not done.success:
        raise click.ClickException(f"The build failed: {done.exception or done.result}")
    results = json.loads((directory / "target" / "run_results.json").read_text())["results"]
    for result in sorted(results, key=lambda result: -result["execution_time"])[:5]:
        click.echo(f"| {result['unique_id'].split('.')[2]} | {result['execution_time']:.2f} | |", err=True)
    return float(sum(result["execution_time"] for result in results))


def execution_time(conninfo: str, query: str) -> float:
    """Milliseconds that a query takes in the server, the median of five."""
    connection = psycopg2.connect(conninfo)
    taken = []
    with connection.cursor() as cursor:
        for _ in range(5):
            cursor.execute(f"explain (analyze, format json) {query}")
            taken.append(cursor.fetchone()[0][0]["Execution Time"])  # type: ignore[index]
    connection.close()
    return statistics.median(taken)


@click.command()
@click.option("--rows", type=int, default=1_000_000, show_default=True, help="Rows of the file.")
def main(*, rows: int) -> None:
    """Measure builds and the view; print Markdown, and the five dearest nodes on standard error."""
    directory = Path(tempfile.mkdtemp(prefix="warehouse-bench-", dir="/tmp"))
    directory.chmod(0o711)
    server = EmbeddedServer(directory / "home", directory / "socket", server_account())
    try:
        server.start()
        os.environ.update(PGHOST=str(server.socket), PGDATABASE="warehouse")
        write_sample(directory / "sample.csv", rows=rows, seed=1)
        DataLoader().load_csv_to_database(str(directory / "sample.csv"))
        connection = psycopg2.connect(server.conninfo)
        connection.autocommit = True
        script = (CHECKOUT / "benchmarks" / "naive.sql").read_text()
        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze raw.raw_transactions")
            naive = seconds(lambda: cursor.execute(script))
            first = build(directory)
            again = build(directory)
            cursor.execute("vacuum analyze analytics.charges")
        connection.close()
        click.echo(f"### Models, {rows:,} rows\n\n| work | seconds | times the script |\n|---|---|---|")
        click.echo(f"| a script without any check, with keys | {naive:.1f} | 1.0 |")
        click.echo(f"| first build, with its tests | {first:.1f} | {first / naive:.1f} |")
        click.echo(f"| second build, nothing new | {again:.1f} | {again / naive:.1f} |")
        day, everything = (execution_time(server.conninfo, query) for query in (ONE_DAY, EVERYTHING))
        click.echo("\n| daily_transaction_summary | ms | of all days |\n|---|---|---|")
        click.echo(f"| all days | {everything:.1f} | 1 |\n| one day | {day:.1f} | 1/{everything / day:.0f} |")
    finally:
        server.stop()
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
