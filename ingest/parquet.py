"""Convert the CSV output of COPY to Parquet with the types of the relation."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ingest.columns import Column

# Rows of one row group: readers skip and share work by row groups, and about a million is what they are made for.
ROW_GROUP_ROWS = 1_000_000

_ARROW_TYPES = {
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "bytea": pa.binary(),
}


def write_parquet(file: Path, columns: list[Column], blocks: Iterator[bytes]) -> dict[str, Any]:
    """Write rows that arrive as CSV, in blocks of whole rows.

    Args:
        file: Output file.
        columns: Columns of the rows.
        blocks: CSV without a header, as COPY writes it: NULL is an empty field, '' is a quoted empty field.

    Returns:
        The number of rows and of row groups and, per column, its type, its number of nulls and, for dates, times and
        amounts, the smallest and largest value.

    Raises:
        pyarrow.ArrowInvalid: A value fits no Parquet type.
    """
    schema = pa.schema([(column.name, _arrow_type(column)) for column in columns])
    collected: list[Any] = []
    with pa.parquet.ParquetWriter(file, schema, compression="zstd", metadata_collector=collected) as writer:
        group: list[pa.Table] = []
        for block in blocks:
            group.append(_table(block, columns, schema))
            while (rows := sum(map(len, group))) >= ROW_GROUP_ROWS:
                table = pa.concat_tables(group)
                writer.write_table(table.slice(0, ROW_GROUP_ROWS), row_group_size=ROW_GROUP_ROWS)
                group = [table.slice(ROW_GROUP_ROWS)] if rows > ROW_GROUP_ROWS else []
        if group:
            writer.write_table(pa.concat_tables(group), row_group_size=ROW_GROUP_ROWS)
    return _figures(collected[0], columns, schema)


def _arrow_type(column: Column) -> pa.DataType:
    """Return the Parquet type of a column; text if no other type fits."""
    precision, scale = column.precision or 0, column.scale or 0
    if column.type == "numeric" and 0 <= scale <= precision:
        return pa.decimal128(precision, scale)
    return _ARROW_TYPES.get(column.type, pa.string())


def _table(block: bytes, columns: list[Column], schema: pa.Schema) -> pa.Table:
    """Parse one block of rows. Arrow must read it whole: it loses line feeds in values that span its own blocks."""
    text = {column.name: pa.string() if column.type == "bytea" else _arrow_type(column) for column in columns}
    table = pa.csv.read_csv(
        io.BytesIO(block),
        read_options=pa.csv.ReadOptions(column_names=list(text), block_size=len(block) + 1),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pa.csv.ConvertOptions(
            column_types=text,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    for index, column in enumerate(columns):
        if column.type == "bytea":
            # PostgreSQL writes them as \x and hexadecimal digits.
            values = [None if text is None else bytes.fromhex(text[2:]) for text in table.column(index).to_pylist()]
            table = table.set_column(index, schema.field(index), pa.array(values, pa.binary()))
    return table


def _figures(metadata: Any, columns: list[Column], schema: pa.Schema) -> dict[str, Any]:  # noqa: ANN401 - pyarrow has no types
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    described = {}
    for index, column in enumerate(columns):
        statistics = [group.column(index).statistics for group in groups]
        described[column.name] = {
            "type": str(schema.field(index).type),
            "nulls": sum(part.null_count for part in statistics),
        }
        if column.is_ordered:
            bounded = [part for part in statistics if part.has_min_max]
            described[column.name]["min"] = min((part.min for part in bounded), default=None)
            described[column.name]["max"] = max((part.max for part in bounded), default=None)
    return {"rows": metadata.num_rows, "row_groups": metadata.num_row_groups, "columns": described}
