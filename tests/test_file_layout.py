"""Every list of the file's columns has the same ones."""

import re

import pytest

from ingest.formats import COLUMNS, FURTHER_COLUMNS
from tests.conftest import CHECKOUT


@pytest.mark.parametrize(
    ("path", "around"),
    [
        ("dbt_project/macros/rows.sql", r"macro raw_columns\(\) %\}\s+\{\{ return\(\[(.+)\]\)"),
        ("docs/changing-the-file-layout.md", r"has seven columns: (.+)\. If"),
        ("docs/extract.md", r"\| `raw_transactions` \| `(.+)` \(text\)"),
        ("docs/ingest.md", r"\*\*Columns:\*\* `(.+)`, named"),
    ],
)
def test_a_list_has_the_columns_of_the_file(path: str, around: str) -> None:
    (found,) = re.findall(around, (CHECKOUT / path).read_text(encoding="utf-8"))
    assert re.findall(r"\w+", found) == list(COLUMNS)


def test_the_raw_table_is_described_with_the_columns_of_the_file() -> None:
    sources = (CHECKOUT / "dbt_project/models/staging/_sources.yml").read_text(encoding="utf-8")
    table = sources.partition("- name: raw_transactions\n")[2].partition("\n      - name:")[0]
    described = re.findall(r"^ +- name: (\w+)$", table, re.MULTILINE)
    assert [name for name in described if not name.startswith("_")] == [*COLUMNS, *FURTHER_COLUMNS]


def test_the_further_columns_of_other_formats_are_the_same_ones() -> None:
    macros = (CHECKOUT / "dbt_project/macros/rows.sql").read_text(encoding="utf-8")
    (found,) = re.findall(r"macro further_raw_columns\(\) %\}\s+\{\{ return\(\[(.+)\]\)", macros)
    assert re.findall(r"\w+", found) == list(FURTHER_COLUMNS)
