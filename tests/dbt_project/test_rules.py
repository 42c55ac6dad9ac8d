"""Rows stay as they were judged, so a build by other rules stops and says which full refresh is enough."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import administer
from tests.dbt_project.conftest import ACME
from tests.dbt_project.warehouse import DATABASE, TABLES, Dbt, DbtFailedError, Warehouse
from warehouse.embedded import EmbeddedServer

DAY = "2019-05-16"

MODELS = ("stg_loads", "stg_transactions", "charges")

# Statements that mean the same, and their differences from ones that do not.
SAME = [
    ("select 1", "select\n  1 -- one\n"),
    ("select 1", "/* one\n * or more */ select 1"),
    ("select 'a'", "select 'a'--b"),
    ('select * from "here"."analytics"."charges"', 'select * from "there"."dbt_ann"."charges"'),
    (
        "with a as (select 1 as a), b as (select a.a from a) select b.a from b join a on a.a = b.a",
        "with first as (select 1 as a), other as (select first.a from first)"
        " select other.a from other join first on first.a = other.a",
    ),
]
DIFFERENT = [
    ("select 1", "select 2"),
    ("select 'a'", "select 'A'"),
    ("select 'a -- b'", "select 'a -- c'"),
    ("select '/* a */'", "select '/* b */'"),
    ("select 'it''s -- a'", "select 'it''s -- b'"),
    ("select E'\\' -- a'", "select E'\\' -- b'"),
    ("select 'a b'", "select 'a  b'"),
    ('select "a b"', 'select "a  b"'),
    ('select "A"', 'select "a"'),
    ("select ab", "select a b"),
    ("select 1 -- one\n+ 1", "select 1 -- one + 1"),
    ('select * from "x"."y"."charges"', 'select * from "x"."y"."companies"'),
    ("with a as (select 1), b as (select 2) select * from a", "with a as (select 1), b as (select 2) select * from b"),
    ("with a as (select 1 as a) select a from a", "with b as (select 1 as a) select b from b"),
]


def reworded(project: Path) -> None:
    """Change much of the text of the models and of the seed, and nothing of what they mean."""
    rows = project / "models" / "staging" / "stg_transactions.sql"
    text = re.sub(r"\bparsed\b", "understood", rows.read_text())
    rows.write_text(text.replace("    judged as (", "    -- Says why.\n    judged as ("))
    charges = project / "models" / "marts" / "charges.sql"
    charges.write_text(charges.read_text().replace("where age = 1", "where\n            age = 1 /* the latest */"))
    seed = project / "seeds" / "charge_statuses.csv"
    seed.write_text(seed.read_text().replace("The customer paid", "Paid"))


def test_other_words_are_no_other_rules(built: Warehouse, dbt: Dbt, changed_project: Path) -> None:
    reworded(changed_project)
    options = dbt.elsewhere(changed_project / "target", changed_project)
    before = built.query("select * from analytics.model_rules order by 1")
    built.load([("new", *ACME, "1", "paid", DAY, None)])

    dbt(*TABLES, *options)

    assert built.published() == built.expected()
    assert built.query("select * from analytics.model_rules order by 1") == before
    assert built.query("select description from analytics.charge_statuses where status = 'paid'") == [("Paid",)]


def test_what_a_statement_means_is_told_from_its_words(built: Warehouse, dbt: Dbt, tmp_path: Path) -> None:
    statements = [statement for pair in SAME + DIFFERENT for statement in pair]
    calls = "\n".join(f"{{{{ meaning_of({statement!r}) | replace('\\n', ' ') }}}}" for statement in statements)

    meanings = iter(dbt.compile(calls).splitlines())

    pairs = list(zip(meanings, meanings, strict=True))
    assert [pair for pair in pairs[: len(SAME)] if pair[0] != pair[1]] == []
    assert [pair for pair in pairs[len(SAME) :] if pair[0] == pair[1]] == []
    assert len(pairs) == len(SAME) + len(DIFFERENT)


def other_macro(project: Path) -> None:
    """Let charges take the first row of an id, by a macro that only the model uses."""
    (project / "macros" / "latest.sql").write_text("{% macro latest() %}load_id, row_number{% endmacro %}")
    model = project / "models" / "marts" / "charges.sql"
    model.write_text(model.read_text().replace("load_id desc, row_number desc", "{{ latest() }}"))


def other_ephemeral_model(project: Path) -> None:
    """Let int_companies read through an ephemeral model that writes names in capitals."""
    names = project / "models" / "intermediate" / "int_company_names.sql"
    (names.parent / "known_names.sql").write_text(
        "{{ config(materialized='ephemeral') }}"
        " select load_id, source_company_id, cast(upper(company_name) as varchar(130)) as company_name, row_count"
        " from {{ ref('int_company_names') }}"
    )
    companies = names.parent / "int_companies.sql"
    companies.write_text(companies.read_text().replace('ref("int_company_names")', 'ref("known_names")'))


def other_seed(project: Path) -> None:
    """Let another status be known."""
    seed = project / "seeds" / "charge_statuses.csv"
    seed.write_text(seed.read_text().replace("expired,", "lapsed,"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "model"),
    [(other_macro, "charges"), (other_ephemeral_model, "int_companies"), (other_seed, "stg_transactions")],
    ids=["macro", "ephemeral model", "seed"],
)
def test_the_smallest_full_refresh_is_named_and_enough(
    built: Warehouse, dbt: Dbt, changed_project: Path, change: Callable[[Path], None], model: str
) -> None:
    before = built.published()
    change(changed_project)
    options = dbt.elsewhere(changed_project / "target", changed_project)

    with pytest.raises(DbtFailedError, match=f"rules behind {model} have changed") as refused:
        dbt(*TABLES, *options)
    assert built.published() == before
    advice = re.search(r"`dbt build (--full-refresh --select \S+) --project-dir \S+`", str(refused.value))
    assert advice is not None
    dbt(*TABLES, *advice[1].split(), *options)
    dbt(*TABLES, *options)

    in_place = built.published()
    built.execute("drop schema analytics cascade")
    dbt(*TABLES, *options)
    assert built.published() == in_place != before


@pytest.mark.slow
def test_a_rule_counts_however_many_views_are_between(built: Warehouse, dbt: Dbt, changed_project: Path) -> None:
    models = changed_project / "models" / "intermediate"
    lowest = models / "all_names.sql"
    lowest.write_text("select * from {{ ref('int_company_names') }}")
    (models / "middle_names.sql").write_text("select * from {{ ref('all_names') }}")
    (models / "known_names.sql").write_text(
        "{{ config(materialized='ephemeral') }} select * from {{ ref('middle_names') }}"
    )
    companies = models / "int_companies.sql"
    companies.write_text(companies.read_text().replace('ref("int_company_names")', 'ref("known_names")'))
    options = dbt.elsewhere(changed_project / "target", changed_project)
    dbt(*TABLES, "--full-refresh", *options)
    dbt(*TABLES, *options)

    lowest.write_text(f"{lowest.read_text()} where row_count > 0")

    with pytest.raises(DbtFailedError, match="rules behind int_companies have changed"):
        dbt(*TABLES, *options)


@pytest.mark.parametrize("model", MODELS)
def test_rows_of_unknown_rules_stop_the_build(built: Warehouse, dbt: Dbt, model: str) -> None:
    built.execute(f"delete from analytics.model_rules where model = '{model}'")
    complaint = rf"rules behind {model} are unknown for its rows: .* --select {model}\+ --project-dir \S+`"
    with pytest.raises(DbtFailedError, match=complaint):
        dbt("run", "--select", model)


def test_a_model_stops_if_what_it_reads_was_built_by_other_rules(built: Warehouse, dbt: Dbt) -> None:
    built.execute("update analytics.model_rules set rules = 'other' where model = 'int_resolved_transactions'")
    for model in ("charges", "rejected_transactions"):
        with pytest.raises(DbtFailedError, match=f"rules behind {model} have changed"):
            dbt("run", "--select", model)


@pytest.mark.slow
def test_the_same_rules_in_another_place_are_the_same_rules(
    built: Warehouse, dbt: Dbt, server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.connection.close()
    administer(server, f"create database copied_warehouse template {DATABASE}")
    monkeypatch.setenv("PGDATABASE", "copied_warehouse")
    monkeypatch.setenv("PGOPTIONS", "-c search_path=analytics")
    dbt(*TABLES, *dbt.elsewhere(tmp_path / "target"))
    administer(server, "drop database copied_warehouse with (force)")
