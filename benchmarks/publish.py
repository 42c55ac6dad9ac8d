"""What it costs to publish to MariaDB, against pandas: `python -m benchmarks.publish`. Needs mariadb-server."""

import os

import click
import psycopg2

from benchmarks.ingest import seconds
from benchmarks.models import build, load
from benchmarks.server import benchmark_server
from publish.publishing import publish
from publish.target import parsed_url
from tests.publish.mariadb import MariaDB
from warehouse.embedded import EmbeddedServer

CHANGES = 10_000

CHANGE = """
update analytics.charges
set amount = amount + 1
where id in (select id from analytics.charges order by md5(id) limit %s)
"""


def copy_with_pandas(source: str, target: str) -> None:
    """read_sql and to_sql in chunks, which replace both tables."""
    import pandas as pd
    import sqlalchemy

    warehouse = sqlalchemy.create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(source))
    engine = sqlalchemy.create_engine(target)
    with warehouse.connect().execution_options(stream_results=True) as connection:
        for table in ("companies", "charges"):
            written = "replace"
            for chunk in pd.read_sql(f"select * from analytics.{table}", connection, chunksize=50_000):
                chunk.to_sql(f"pandas_{table}", engine, if_exists=written, index=False, chunksize=5_000)
                written = "append"
    warehouse.dispose()
    engine.dispose()


def measure(server: EmbeddedServer, mariadb: MariaDB, rows: int) -> dict[str, float]:
    """Seconds of each way, by its name."""
    mariadb.query("create database marts character set utf8mb4")
    url = f"mysql+pymysql://root@/marts?unix_socket={mariadb.socket}"
    target = parsed_url(url)
    taken = {"pandas, everything": seconds(lambda: copy_with_pandas(server.conninfo, url))}
    taken["first publish"] = seconds(lambda: publish(target))
    taken["nothing changed"] = seconds(lambda: publish(target))
    with psycopg2.connect(server.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute(CHANGE, [min(CHANGES, rows // 10)])
    connection.close()
    taken[f"{min(CHANGES, rows // 10):,} charges changed"] = seconds(lambda: publish(target))
    return taken


@click.command()
@click.option("--rows", type=int, default=1_000_000, show_default=True, help="Of the warehouse.")
def main(*, rows: int) -> None:
    """Measure a first publish, one without changes and one with some; print Markdown."""
    with benchmark_server() as (server, directory):
        os.environ["PGDATABASE"] = "warehouse"
        mariadb = MariaDB(directory)
        try:
            mariadb.start("--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M")
            load(directory, rows, seed=1)
            build(directory, f"{rows:,} rows")
            taken = measure(server, mariadb, rows)
        finally:
            mariadb.stop()
    click.echo(f"### Publishing {rows:,} rows to MariaDB\n\n| | s | of pandas |\n|---|---|---|")
    for name, figure in taken.items():
        click.echo(f"| {name} | {figure:.1f} | {figure / taken['pandas, everything']:.2f} |")


if __name__ == "__main__":
    main()
