"""Extracts: nothing changes on the way, types are those of the relation, and files appear whole or not at all."""

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import DataExtractor, DataLoader
from ingest.errors import ExtractError
from ingest.extract import COPY_BLOCK_BYTES, metadata_path
from ingest.formats import FURTHER_COLUMNS
from ingest.parquet import ROW_GROUP_ROWS
from tests.conftest import query

COLUMNS = "id, name, company_id, amount, status, created_at, paid_at"


@pytest.fixture
def raw(database: str, tmp_path: Path) -> str:
    """A database with two rows of text that has to survive as it is."""
    path = tmp_path / "raw.csv"
    path.write_bytes(
        b'id,name,company_id,amount,status,created_at,paid_at\n1,"",,"a\r\nb","c,""d","\xc3\xa9",7\n2,2,3,4,5,6,\n'
    )
    DataLoader().load_csv_to_database(str(path))
    return database


def test_parquet_keeps_null_empty_line_ends_and_types(raw: str, tmp_path: Path) -> None:
    path = DataExtractor().extract_to_parquet(str(tmp_path / "raw.parquet"))

    table = pq.read_table(path)
    assert [tuple(row.values()) for row in table.to_pylist()] == query(raw, "select * from raw.raw_transactions")
    assert table.column("name").to_pylist() == ["", "2"]
    assert table.column("company_id").to_pylist() == [None, "3"]
    assert table.column("amount").to_pylist() == ["a\r\nb", "4"]
    assert table.schema.field("_row_number").type == pa.int64()


def test_csv_loaded_again_gives_the_same_rows(raw: str, tmp_path: Path) -> None:
    path = DataExtractor().extract_to_csv(str(tmp_path / "raw.csv"))
    report = DataLoader().load_csv_to_database(path)

    assert report.ignored_columns == ("_load_id", "_row_number", *FURTHER_COLUMNS)
    rows = f"select {COLUMNS} from raw.raw_transactions where _load_id = %s order by _row_number"
    assert query(raw, rows, report.load_id) == query(raw, rows, report.load_id - 1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(*[st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8"))] * 2)))
def test_any_text_survives_both_formats(raw: str, tmp_path: Path, rows: list[tuple[str | None, str | None]]) -> None:
    query(raw, "create table if not exists raw.texts (a text, b text); truncate raw.texts; select 1")
    columns = [[row[place] for row in rows] for place in range(2)]
    query(raw, "insert into raw.texts select * from unnest(%s::text[], %s::text[]) returning 1", *columns)
    extractor = DataExtractor()

    parquet = extractor.extract_to_parquet(str(tmp_path / "texts.parquet"), "raw.texts")
    assert [tuple(row.values()) for row in pq.read_table(parquet).to_pylist()] == rows
    extractor.extract_to_csv(str(tmp_path / "texts.csv"), "raw.texts")
    assert extractor.get_extraction_metadata()["columns"]["a"]["nulls"] == [a for a, _ in rows].count(None)

    query(raw, "create or replace view raw.one_column as select a from raw.texts; select 1")
    parquet = extractor.extract_to_parquet(str(tmp_path / "one_column.parquet"), "raw.one_column")
    assert pq.read_table(parquet).column("a").to_pylist() == [a for a, _ in rows]


TYPED = """
create table raw.typed (
    whole integer, amount numeric(16, 2), total numeric, day date, at timestamp, seen timestamptz, yes boolean,
    ratio double precision, record bytea, document jsonb
);
insert into raw.typed values
    (1, 10.50, 1.125, '2019-01-02', '2019-01-02 03:04:05.678901', '2019-01-02 03:04:05+02', true, 0.5, '\\x00ff',
        '{"a": 1}'),
    (null, -99999999999999.99, 2.250, null, null, null, false, null, '', null),
    (3, null, null, '2020-02-29', '1999-12-31 00:00', '2030-01-01 00:00+00', null, 1e300, null, 'null')
returning 1
"""


def test_parquet_has_the_types_of_the_relation(database: str, tmp_path: Path) -> None:
    query(database, f"create schema raw; {TYPED}")
    extractor = DataExtractor()
    table = pq.read_table(extractor.extract_to_parquet(str(tmp_path / "typed.parquet"), "raw.typed"))

    assert [str(field.type) for field in table.schema] == [
        "int32",
        "decimal128(16, 2)",
        "decimal128(38, 3)",
        "date32[day]",
        "timestamp[us]",
        "timestamp[us, tz=UTC]",
        "bool",
        "double",
        "binary",
        "string",
    ]
    assert list(table.to_pylist()[0].values()) == [
        1,
        Decimal("10.50"),
        Decimal("1.125"),
        date(2019, 1, 2),
        datetime(2019, 1, 2, 3, 4, 5, 678901),
        datetime(2019, 1, 2, 1, 4, 5, tzinfo=UTC),
        True,
        0.5,
        b"\x00\xff",
        '{"a": 1}',
    ]
    assert table.column("record").to_pylist() == [b"\x00\xff", b"", None]
    described = extractor.get_extraction_metadata()["columns"]
    assert described["amount"] == {
        "type": "decimal128(16, 2)",
        "nulls": 1,
        "min": Decimal("-99999999999999.99"),
        "max": Decimal("10.50"),
    }
    assert (described["day"]["min"], described["day"]["max"]) == (date(2019, 1, 2), date(2020, 2, 29))


def test_the_description_beside_the_file_is_true_in_both_formats(database: str, tmp_path: Path) -> None:
    query(database, f"create schema raw; {TYPED}")
    found = {}
    for file_format in ("parquet", "csv"):
        output = tmp_path / f"typed.{file_format}"
        report = DataExtractor().extract("raw.typed", file_format, str(output))
        found[file_format] = description = json.loads(metadata_path(output).read_text())

        assert description["bytes"] == report.bytes == output.stat().st_size
        assert description["sha256"] == report.sha256 == hashlib.sha256(output.read_bytes()).hexdigest()
        assert (description["relation"], description["rows"]) == ("raw.typed", 3)
        assert datetime.fromisoformat(description["snapshot_time"]).tzinfo == UTC
    nulls = {
        file_format: [column["nulls"] for column in found[file_format]["columns"].values()] for file_format in found
    }
    assert nulls["parquet"] == nulls["csv"] == [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    for column in ("amount", "total", "day"):
        extremes = [[found[kind]["columns"][column][end] for end in ("min", "max")] for kind in found]
        assert extremes[0] == extremes[1]


def test_many_row_groups_and_blocks(database: str, tmp_path: Path) -> None:
    rows = ROW_GROUP_ROWS + 1
    query(database, "create schema raw; create table raw.many (number integer); select 1")
    query(database, "insert into raw.many select generate_series(1, %s) returning 1", rows)
    extractor = DataExtractor()
    path = Path(extractor.extract_to_parquet(str(tmp_path / "many.parquet"), "raw.many"))

    assert path.stat().st_size < COPY_BLOCK_BYTES
    assert pq.read_metadata(path).num_row_groups == extractor.get_extraction_metadata()["row_groups"] == 2
    assert pq.read_table(path).column(0).to_pylist() == list(range(1, rows + 1))


def test_the_same_rows_give_the_same_file(raw: str, tmp_path: Path) -> None:
    first, second = (
        DataExtractor().extract("raw.raw_transactions", "parquet", str(tmp_path / name)) for name in ("a", "b")
    )

    assert first.sha256 == second.sha256


@pytest.mark.parametrize(
    "relation", ["raw.nothing", "nothing", "raw.", "a.b.c", 'raw."x', "raw.raw_transactions; drop"]
)
def test_a_relation_that_is_not_there_is_one_line(raw: str, tmp_path: Path, relation: str) -> None:
    with pytest.raises(ExtractError, match="There is no relation") as raised:
        DataExtractor().extract_to_parquet(str(tmp_path / "x.parquet"), relation)
    assert "\n" not in str(raised.value)
    assert list(tmp_path.glob("*x.parquet*")) == []


@pytest.mark.parametrize(("type_name", "text"), [("numeric(5, -2)", "1200"), ("numeric(50, 40)", f"1.{'0' * 39}1")])
def test_a_numeric_that_parquet_has_no_type_for_is_text(
    database: str, tmp_path: Path, type_name: str, text: str
) -> None:
    query(database, f"create schema raw; create table raw.odd as select {text}::{type_name} as odd; select 1")

    path = DataExtractor().extract_to_parquet(str(tmp_path / "odd.parquet"), "raw.odd")

    assert pq.read_table(path).column("odd").to_pylist() == [text]


@pytest.mark.parametrize("value", ["'infinity'::date", "'NaN'::numeric", "'secret'::text::date"])
def test_a_value_that_cannot_be_written_leaves_the_old_file(database: str, tmp_path: Path, value: str) -> None:
    query(database, f"create schema raw; create view raw.odd as select {value} as odd; select 1")
    output = tmp_path / "odd.parquet"
    output.write_text("old")

    with pytest.raises(ExtractError):
        DataExtractor().extract_to_parquet(str(output), "raw.odd")
    assert output.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["odd.parquet"]


def test_an_unknown_format_is_one_line(raw: str, tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="Unknown format 'xml': choose parquet or csv."):
        DataExtractor().extract("raw.raw_transactions", "xml", str(tmp_path / "x.xml"))


def test_a_directory_that_cannot_be_written_is_one_line(raw: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ExtractError, match="x.csv cannot be written: .* Choose another --output."):
        DataExtractor().extract_to_csv(str(tmp_path / "file" / "x.csv"))
