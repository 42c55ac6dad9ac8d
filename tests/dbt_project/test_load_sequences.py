"""After any sequence of loads the marts are those of a build from scratch over the same raw rows."""

import os
import re
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.warehouse import TABLES, Dbt, DbtFailedError, Warehouse

# Each example takes several builds. A night's run may ask for more.
EXAMPLES = int(os.environ.get("LOAD_SEQUENCES", "5"))

DAY = "2019-05-16"


def charges(warehouse: Warehouse) -> dict[str, tuple[str, str]]:
    """Company name and amount of each charge."""
    return {
        charge: (name, str(amount))
        for charge, name, amount in warehouse.query(
            "select id, company_name, amount from analytics.charges join analytics.companies using (company_id)"
        )
    }


def test_later_loads_change_what_earlier_ones_gave(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load(
        [
            ("again", "Kept", "kept", "1", "paid", DAY, None),
            ("of twin", "Twin", "twin-1", "1", "paid", DAY, None),
            ("by ambiguous name", "Twin", None, "1", "paid", DAY, None),
            ("of renamed", "Old", "renamed", "1", "paid", DAY, None),
            ("by old name", "Old", "***", "1", "paid", DAY, None),
            ("by new name", "New", "***", "1", "paid", DAY, None),
            ("by name to come", "Later", "", "1", "paid", DAY, None),
            ("of nameless", None, "nameless", "1", "paid", DAY, None),
        ]
    )
    removed = warehouse.load(
        [
            ("again", "Kept", "kept", "2", "paid", DAY, None),
            ("gone", "Gone", "gone", "2", "paid", DAY, None),
        ]
    )
    dbt(*TABLES)
    assert warehouse.published() == warehouse.expected()
    assert charges(warehouse) == {
        "again": ("Kept", "2.00"),
        "of twin": ("Twin", "1.00"),
        "by ambiguous name": ("Twin", "1.00"),
        "of renamed": ("Old", "1.00"),
        "by old name": ("Old", "1.00"),
        "gone": ("Gone", "2.00"),
    }

    warehouse.remove(removed)
    warehouse.load(
        [
            ("of other twin", "Twin", "twin-2", "3", "paid", DAY, None),
            ("renaming 1", "New", "renamed", "3", "paid", DAY, None),
            ("renaming 2", "New", "renamed", "3", "paid", DAY, None),
            ("of later", "Later", "later", "3", "paid", DAY, None),
            ("of named", "Named at last", "nameless", "3", "paid", DAY, None),
            ("of twin", "Twin", "twin-1", "none", "paid", DAY, None),
        ]
    )
    dbt(*TABLES)
    assert warehouse.published() == warehouse.expected()
    assert charges(warehouse) == {
        "again": ("Kept", "1.00"),
        "of twin": ("Twin", "1.00"),
        "of other twin": ("Twin", "3.00"),
        "of renamed": ("New", "1.00"),
        "renaming 1": ("New", "3.00"),
        "renaming 2": ("New", "3.00"),
        "by new name": ("New", "1.00"),
        "by name to come": ("Later", "1.00"),
        "of later": ("Later", "3.00"),
        "of nameless": ("Named at last", "1.00"),
        "of named": ("Named at last", "3.00"),
    }
    assert warehouse.query("select * from analytics.companies where company_id = 'gone'") == []


@dataclass(frozen=True)
class Load:
    """A file is loaded: some rows of the generated file, in some order."""

    rows: tuple[int, ...]


@dataclass(frozen=True)
class Remove:
    """A load that is there is removed."""

    load: int


@dataclass(frozen=True)
class LoadByForce:
    """A load that is there is replaced by some rows of the generated file."""

    load: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Build:
    """dbt runs on some of the models."""

    selection: tuple[str, ...]


Operation = Load | Remove | LoadByForce | Build

raw_rows = st.tuples(
    st.sampled_from(["a", " a ", "b", "c", "d" * 40, "e" * 40, "E" * 40, "", None]),
    st.sampled_from(["Acme", "acme", "Berta", " Berta", "", None]),
    st.sampled_from(["acme", "acme", "berta", "b" * 40, "***", "", None]),
    st.sampled_from(["1", "2.505", "3.0e1", "-1", "many"]),
    st.sampled_from(["paid", "PAID", "refunded", "voided", "?"]),
    st.sampled_from([DAY, "20190517", "2019-05-16T23:30:00-01:00", "never"]),
    st.sampled_from([None, None, DAY, "?"]),
)
row_choices = st.lists(st.integers(0, 99), max_size=8).map(tuple)
operations = st.one_of(
    st.builds(Load, row_choices),
    st.builds(Load, row_choices),
    st.builds(Remove, st.integers(0, 99)),
    st.builds(LoadByForce, st.integers(0, 99), row_choices),
    st.builds(
        Build,
        st.sampled_from(
            [
                (),
                ("--full-refresh",),
                ("--select", "stg_loads", "stg_transactions"),
                ("--select", "stg_loads", "stg_transactions", "charges"),
                ("--select", "stg_transactions", "--full-refresh"),
                ("--select", "int_company_names", "int_companies"),
                ("--select", "int_companies+"),
                ("--select", "charges"),
                ("--exclude", "charges"),
            ]
        ),
    ),
)


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(file=st.lists(raw_rows, min_size=3, max_size=25), steps=st.lists(operations, min_size=2, max_size=8))
def test_any_sequence_of_loads_equals_a_build_from_scratch(
    warehouse: Warehouse, dbt: Dbt, file: list[tuple[str | None, ...]], steps: list[Operation]
) -> None:
    def chosen(rows: tuple[int, ...]) -> list[tuple[str | None, ...]]:
        return [file[row % len(file)] for row in rows]

    _empty(warehouse)
    loads = [warehouse.load(file)]
    dbt(*TABLES)
    for step in steps:
        match step:
            case Load(rows):
                loads.append(warehouse.load(chosen(rows)))
            case Remove(load) if len(loads) > 1:
                warehouse.remove(loads.pop(load % len(loads)))
            case LoadByForce(load, rows):
                warehouse.remove(loads.pop(load % len(loads)))
                loads.append(warehouse.load(chosen(rows)))
            case Build(selection):
                try:
                    dbt("run", *selection)
                except DbtFailedError as error:
                    # Charges of companies that are not built or not known yet are refused, as they should be.
                    assert re.search("violates (foreign key|not-null constraint)", str(error))  # noqa: PT017
            case _:
                pass
    dbt(*TABLES)

    published = warehouse.published()
    assert published == warehouse.expected()
    warehouse.execute("drop schema analytics cascade")
    dbt(*TABLES)
    assert warehouse.published() == published


def _empty(warehouse: Warehouse) -> None:
    warehouse.execute("drop schema if exists analytics cascade; truncate raw.loads, raw.raw_transactions cascade")
    warehouse.rows.clear()
