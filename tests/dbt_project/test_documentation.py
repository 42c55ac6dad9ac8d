"""The documentation is complete, and opens without the internet."""

import json
import re
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from report.figures import RELATIONS
from tests.dbt_project.warehouse import Dbt, Warehouse


def ours(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Everything that this project defines, by its name in the manifest."""
    kinds = ("nodes", "sources", "macros", "exposures", "unit_tests")
    return {
        name: thing
        for kind in kinds
        for name, thing in manifest[kind].items()
        if thing["package_name"] == "transactions_warehouse" and thing["resource_type"] != "operation"
    }


# What PostgreSQL's catalogue calls the types of the property files.
TYPE_NAMES = {
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "varchar": "character varying",
}


def catalogue_type(declared: str) -> str:
    """A type as the catalogue writes it."""
    name, _, length = declared.replace(", ", ",").partition("(")
    return TYPE_NAMES.get(name, name) + (f"({length}" if length else "")


def test_the_project_parses_without_a_warning(built: Warehouse, dbt: Dbt) -> None:
    dbt("parse", "--no-partial-parse", "--show-all-deprecations", "--warn-error")


DESCRIPTIONS = """
    select relname, attname, description, pg_description.xmin::text
    from pg_description
    inner join pg_class on pg_class.oid = objoid
    left join pg_attribute on attrelid = objoid and attnum = objsubid and objsubid > 0
    where pg_description.classoid = 'pg_class'::regclass and relnamespace = 'analytics'::regnamespace
"""


def test_a_build_writes_the_descriptions_that_have_changed(built: Warehouse, dbt: Dbt, changed_project: Path) -> None:
    before = set(built.query(DESCRIPTIONS))
    assert len(before) > 60
    properties = changed_project / "models" / "marts" / "companies.yml"
    content = yaml.safe_load(properties.read_text())
    content["models"][0]["description"] = 'It\'s "new".'
    content["models"][0]["columns"][2]["description"] = "$$New$$, too."
    properties.write_text(yaml.safe_dump(content))
    options = dbt.elsewhere(changed_project / "target", changed_project)

    dbt("run", "--select", "marts", *options)

    changed = {row[:3] for row in set(built.query(DESCRIPTIONS)) - before}
    assert changed == {("companies", None, 'It\'s "new".'), ("companies", "created_at", "$$New$$, too.")}


def test_documentation_is_complete_and_opens_offline(built: Warehouse, dbt: Dbt, tmp_path: Path) -> None:
    dbt("docs generate", "--write-json", *dbt.elsewhere(tmp_path))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    catalog = json.loads((tmp_path / "catalog.json").read_text())
    shown = {**catalog["nodes"], **catalog["sources"]}

    lacking = []
    for name, thing in ours(manifest).items():
        parts = {name: thing["description"]}
        parts |= {f"{name}.{column}": entry["description"] for column, entry in thing.get("columns", {}).items()}
        parts |= {f"{name}({one['name']})": one["description"] for one in thing.get("arguments", [])}
        if name in shown:
            parts |= {f"{name}.{column}": "" for column in shown[name]["columns"] if column not in thing["columns"]}
        lacking += [part for part, description in parts.items() if not description.strip()]
    assert lacking == []
    declared = {
        f"{name}.{column}": entry["data_type"]
        for name, thing in ours(manifest).items()
        if name in shown
        for column, entry in thing["columns"].items()
    }
    actual = {f"{name}.{column}": entry["type"] for name in shown for column, entry in shown[name]["columns"].items()}
    assert {name: catalogue_type(declared[name]) for name in declared} == actual
    assert len(shown) == 25

    report = manifest["exposures"]["exposure.transactions_warehouse.daily_report"]
    read = {
        f"{'raw.' if name.startswith('source.') else ''}{name.rpartition('.')[2]}"
        for name in report["depends_on"]["nodes"]
    }
    assert read == set(RELATIONS)

    page = (tmp_path / "index.html").read_text()
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']?(?:https?:)?//", page) == []
