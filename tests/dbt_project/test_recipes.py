"""The recipes of docs/changing-the-models.md do what they say, on a warehouse that is in use."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dbt_project.conftest import ACME
from tests.dbt_project.warehouse import CHECKED, CHECKOUT, Dbt, Warehouse

pytestmark = pytest.mark.slow

PAGE = (CHECKOUT / "docs" / "changing-the-models.md").read_text(encoding="utf-8")

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def section(title: str) -> list[tuple[str, str]]:
    """The fenced blocks of a section: their language and their text."""
    _, _, rest = PAGE.partition(f"\n## {title}\n")
    blocks = FENCE.findall(rest.partition("\n## ")[0])
    assert {language for language, _ in blocks} == {"diff", "console"}
    return blocks


def apply(diff: str, checkout: Path) -> None:
    """Apply a diff, whose hunks are found by their text: the page does not repeat line numbers of other files."""
    for part in re.split(r"^(?=--- )", diff, flags=re.MULTILINE):
        if not part:
            continue
        header, *lines = part.splitlines()
        path = checkout / lines[0].removeprefix("+++ b/")
        old = "".join(f"{line[1:]}\n" for line in lines[2:] if line[0] in " -")
        new = "".join(f"{line[1:]}\n" for line in lines[2:] if line[0] in " +")
        if header == "--- /dev/null":
            assert not path.exists()
            path.write_text(new)
        elif old:
            assert path.read_text().count(old) == 1, old
            path.write_text(path.read_text().replace(old, new))
        else:
            path.write_text(path.read_text() + new)


def disputed_rows_are_charges(warehouse: Warehouse) -> None:
    assert warehouse.query("select status from analytics.charges where id = 'disputed'") == [("disputed",)]


def rows_that_break_the_rule_are_rejected(warehouse: Warehouse) -> None:
    assert warehouse.query(
        "select reasons from analytics.rejected_transactions where id = 'early'",
    ) == [("paid_before_created",)]


def the_column_is_filled(warehouse: Warehouse) -> None:
    assert warehouse.query(
        "select count(*) from analytics.charges where paid_on is distinct from updated_at::date"
    ) == [(0,)]


def the_model_is_there(warehouse: Warehouse) -> None:
    assert warehouse.query("select refund_count, refunded_amount from analytics.refunds order by 1, 2") != []


@pytest.mark.parametrize(
    ("title", "holds"),
    [
        ("Add a status", disputed_rows_are_charges),
        ("Add a rule", rows_that_break_the_rule_are_rejected),
        ("Add a column to a mart", the_column_is_filled),
        ("Add a model", the_model_is_there),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_recipe_does_what_it_says(
    built: Warehouse, dbt: Dbt, changed_project: Path, title: str, holds: Callable[[Warehouse], None]
) -> None:
    built.load(
        [
            ("disputed", *ACME, "1", "disputed", "2019-05-16", None),
            ("early", *ACME, "1", "paid", "2019-05-16", "2019-05-15"),
        ]
    )
    dbt(*CHECKED)
    options = dbt.elsewhere(changed_project / "target", changed_project)
    for language, text in section(title):
        if language == "diff":
            apply(text, changed_project.parent)
            continue
        for command in re.findall(r"^\$ dbt (.+)$", text, re.MULTILINE):
            dbt(command, "--exclude-resource-type", "unit_test", *options) if "build" in command else dbt(
                command, *options
            )

    holds(built)
    dbt(*CHECKED, *options)
    dbt("test", "--exclude-resource-type", "unit_test", "--vars", "audit: true", *options)
