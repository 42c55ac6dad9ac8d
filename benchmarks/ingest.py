"""How fast files go in and out, against the tools that people use for it: `python -m benchmarks.ingest`.

Everything runs in turn, round by round, against one PostgreSQL of its own; a table gives the ratios of one run.
"""

import os
import pwd
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

import click
import psycopg2
from psycopg2 import sql

from benchmarks.server import benchmark_server
from ingest import DataExtractor, DataLoader
from ingest.formats import COLUMNS
from ingest.sample import LINE_END, write_sample
from warehouse.embedded import EmbeddedServer


class Warehouse:
    """A server of our own, and the tables that the others load into."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self.conninfo = server.conninfo
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self.url = f"postgresql://{self.user}:@/warehouse?host={server.socket}"

    def execute(self, statement: sql.Composable | str) -> None:
        """Run statements, each on its own."""
        connection = psycopg2.connect(self.conninfo)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def empty(self) -> None:
        """Drop what was loaded; write out what that left to write, so that nobody pays for it later."""
        self.execute("drop schema if exists bench cascade")
        self.execute("drop schema if exists raw cascade")
        self.execute("create schema bench")
        columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in COLUMNS)
        self.execute(sql.SQL("create table bench.bare ({})").format(columns))
        self.execute("checkpoint")


def load_with_copy(warehouse: Warehouse, path: Path) -> None:
    r"""psql's \copy into a bare table of seven text columns: the floor."""
    command = rf"\copy bench.bare from '{path}' with (format csv, header)"
    psql = [str(warehouse.server.program("psql")), "--quiet", "--no-psqlrc", "--dbname", warehouse.conninfo]
    subprocess.run([*psql, "--command", command], check=True)


def load_with_ingest(warehouse: Warehouse, path: Path) -> None:
    """Our own loader."""
    DataLoader(warehouse.conninfo).load_csv_to_database(str(path))


def load_with_pandas(warehouse: Warehouse, path: Path) -> None:
    """read_csv in chunks, to_sql in multi-row INSERTs of SQLAlchemy."""
    import pandas as pd
    import sqlalchemy

    engine = sqlalchemy.create_engine(warehouse.url.replace("postgresql:", "postgresql+psycopg2:"))
    for chunk in pd.read_csv(path, dtype=str, chunksize=50_000):
        chunk.to_sql("pandas", engine, schema="bench", if_exists="append", index=False)
    engine.dispose()


def load_with_dlt(warehouse: Warehouse, path: Path) -> None:
    """dlt: the file as Arrow tables, through its normalise step to COPY."""
    import dlt
    import pyarrow as pa
    import pyarrow.csv

    @dlt.resource(name="dlt")
    def rows():  # noqa: ANN202 - dlt's own kind of generator
        text = pa.csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()))
        yield from pa.csv.open_csv(path, convert_options=text)

    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=tempfile.mkdtemp(dir=path.parent),
        destination=dlt.destinations.postgres(
            {
                "drivername": "postgresql",
                "host": quote(str(warehouse.server.socket), safe=""),
                "username": warehouse.user,
                "password": "none",
                "database": "warehouse",
            }
        ),
        dataset_name="bench",
    )
    pipeline.run(rows())


def extract_with_copy(warehouse: Warehouse, output: Path) -> None:
    """COPY TO STDOUT into a file: the floor."""
    connection = psycopg2.connect(warehouse.conninfo)
    with connection.cursor() as cursor, output.open("wb") as stream:
        cursor.copy_expert("copy raw.raw_transactions to stdout with (format csv)", stream, size=1 << 20)
    connection.close()


def extract_with_ingest(warehouse: Warehouse, output: Path) -> None:
    """Our own extractor."""
    DataExtractor(warehouse.conninfo).extract_to_parquet(str(output))


def extract_with_adbc(warehouse: Warehouse, output: Path) -> None:
    """ADBC's record batches into a ParquetWriter."""
    import adbc_driver_postgresql.dbapi
    import pyarrow.parquet

    with adbc_driver_postgresql.dbapi.connect(warehouse.url) as connection, connection.cursor() as cursor:
        cursor.execute("select * from raw.raw_transactions")
        batches = cursor.fetch_record_batch()
        with pyarrow.parquet.ParquetWriter(output, batches.schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_batch(batch)


def extract_with_pandas(warehouse: Warehouse, output: Path) -> None:
    """read_sql in chunks into a ParquetWriter."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet
    import sqlalchemy

    engine = sqlalchemy.create_engine(warehouse.url.replace("postgresql:", "postgresql+psycopg2:"))
    writer = None
    with engine.connect().execution_options(stream_results=True) as connection:
        for chunk in pd.read_sql("select * from raw.raw_transactions", connection, chunksize=100_000):
            table = pa.Table.from_pandas(chunk, schema=writer.schema if writer else None, preserve_index=False)
            writer = writer or pa.parquet.ParquetWriter(output, table.schema, compression="zstd")
            writer.write_table(table)
    if writer:
        writer.close()
    engine.dispose()


def make_files(directory: Path, rows: int) -> dict[str, Path]:
    """The same rows in the forms that real files have."""
    provider = directory / "provider.csv"
    write_sample(provider, rows=rows, seed=1)
    lines = provider.read_bytes().split(LINE_END)[:-1]
    clean = directory / "clean.csv"
    _write_lines(clean, lines)
    quoted = directory / "quoted.csv"
    quoted.write_bytes(
        b"\n".join(_quote(line) if number % 100 == 50 else line for number, line in enumerate(lines)) + b"\n"
    )
    bad = directory / "bad.csv"
    bad.write_bytes(
        b"\n".join(line + b",more" if number % 1000 == 500 else line for number, line in enumerate(lines)) + b"\n"
    )
    return {
        "clean, lines end in `\\n`": clean,
        "as the provider sends it, `\\r\\r\\n`": provider,
        "1% of the rows with a quoted field": quoted,
        "0.1% of the rows bad": bad,
    }


def _write_lines(path: Path, lines: Iterable[bytes]) -> None:
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def _quote(line: bytes) -> bytes:
    fields = line.split(b",")
    fields[1] = b'"' + fields[1] + b', ""Ltd"""'
    return b",".join(fields)


def seconds(work: Callable[[], None]) -> float:
    """Wall time."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@click.command()
@click.option("--rows", type=int, default=1_000_000, show_default=True, help="Rows of the file.")
@click.option("--rounds", type=int, default=3, show_default=True, help="How often each pair is measured.")
@click.option("--others/--no-others", default=True, help="Measure pandas, dlt and ADBC too.")
def main(*, rows: int, rounds: int, others: bool) -> None:
    """Measure loads and extracts; print Markdown."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    with benchmark_server() as (server, directory):
        warehouse = Warehouse(server)
        files = make_files(directory, rows)
        clean = next(iter(files.values()))
        warehouse.empty()
        load_with_ingest(warehouse, clean)

        click.echo(f"### Load, {rows:,} rows\n")
        click.echo("| file | our seconds | speed against `\\copy` of the clean file |\n|---|---|---|")
        for name, path in files.items():
            ratios, ours = [], []
            for _ in range(rounds):
                warehouse.empty()
                floor = seconds(lambda: load_with_copy(warehouse, clean))
                warehouse.empty()
                ours.append(seconds(lambda path=path: load_with_ingest(warehouse, path)))
                ratios.append(floor / ours[-1])
            click.echo(f"| {name} | {statistics.median(ours):.2f} | {statistics.median(ratios):.2f} |")
        if others:
            click.echo("\n| other loader, the clean file | seconds | times ours |\n|---|---|---|")
            for name, load in (("pandas `to_sql`", load_with_pandas), ("dlt", load_with_dlt)):
                warehouse.empty()
                ours_clean = seconds(lambda: load_with_ingest(warehouse, clean))
                warehouse.empty()
                took = seconds(lambda load=load: load(warehouse, clean))
                click.echo(f"| {name} | {took:.1f} | {took / ours_clean:.0f} |")

        warehouse.empty()
        load_with_ingest(warehouse, clean)
        output = directory / "extract"
        extracts = {"`COPY TO STDOUT`": extract_with_copy, "ingest, Parquet": extract_with_ingest}
        if others:
            extracts |= {"ADBC, Parquet": extract_with_adbc, "pandas, Parquet": extract_with_pandas}
        took = {name: [] for name in extracts}
        for _ in range(rounds):
            for name, extract in extracts.items():
                took[name].append(seconds(lambda extract=extract: extract(warehouse, output)))
        click.echo(f"\n### Extract, {rows:,} rows\n\n| way | seconds | times ours |\n|---|---|---|")
        for name in extracts:
            ratio = statistics.median(a / b for a, b in zip(took[name], took["ingest, Parquet"], strict=True))
            click.echo(f"| {name} | {statistics.median(took[name]):.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
