"""What PostgreSQL says of views and checks, in the words of other databases."""

import pytest

from publish.errors import ContractError
from publish.translation import translate_check, translate_view

TABLES = {"charges": "charges__next"}


def view(definition: str, dialect: str, *, as_in_sqlite: bool = False) -> str:
    text = translate_view(definition, dialect, TABLES, has_decimals=not as_in_sqlite, has_dates=not as_in_sqlite)
    return " ".join(text.replace("`", "").replace('"', "").split()).replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize(
    ("condition", "translated"),
    [
        ("amount >= 0::numeric", "`amount` >= 0"),
        ("company_name::text <> ''::text", "`company_name` <> ''"),
        ("load_id > '-5'::integer", "`load_id` > -5"),
        (
            "status::text = ANY (ARRAY['a'::character varying, 'b'::character varying]::text[])",
            "`status` IN ('a', 'b')",
        ),
    ],
)
def test_checks_are_translated(condition: str, translated: str) -> None:
    assert translate_check(condition, "mysql") == translated


@pytest.mark.parametrize(
    "condition",
    [
        "status ~ '^a'",
        "lower(status) = 'a'",
        "status::character varying(2) = 'a'",
        "amount / 3 > 1",
        "created_at > now()",
        "status || 'a' = 'b'",
        "status similar to 'a'",
    ],
)
def test_what_may_mean_something_else_is_refused(condition: str) -> None:
    with pytest.raises(ContractError, match="may mean something else"):
        translate_check(condition, "mysql")


def test_a_join_that_would_become_a_union_is_refused() -> None:
    # The sums of a company would be on two rows, on MySQL alone.
    query = (
        "SELECT c.id, sum(c.amount) FROM analytics.charges c {} JOIN analytics.charges o ON c.id = o.id GROUP BY c.id"
    )

    assert " LEFT JOIN " in view(query.format("LEFT"), "mysql")
    with pytest.raises(ContractError, match="FULL JOIN.*may mean something else"):
        view(query.format("FULL"), "mysql")


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_what_cannot_be_parsed_is_one_line(dialect: str) -> None:
    with pytest.raises(ContractError, match=r"^A check cannot be read by sqlglot, .* in the model\.$"):
        translate_check("XMLPARSE(DOCUMENT status) IS NOT NULL", dialect)


def test_tables_lose_their_schema_and_keep_their_columns() -> None:
    assert view("SELECT charges.id FROM analytics.charges", "mysql") == (
        "SELECT charges.id FROM charges__next AS charges"
    )


def test_expressions_that_hide_a_table_get_another_name() -> None:
    query = "WITH charges AS (SELECT charges.id FROM analytics.charges) SELECT charges.id FROM charges"

    assert view(query, "sqlite") == (
        "WITH charges_rows AS (SELECT charges.id FROM charges__next AS charges)"
        " SELECT charges.id FROM charges_rows AS charges"
    )


def test_another_table_is_refused() -> None:
    with pytest.raises(ContractError, match=r"raw\.loads, which is not published"):
        view("SELECT l.id FROM raw.loads l", "mysql")


def test_sums_and_days_are_exact_without_decimals_and_dates() -> None:
    query = (
        "SELECT c.created_at::date AS day, sum(c.amount)::numeric(38,2) AS total FROM analytics.charges c GROUP BY 1"
    )

    translated = view(query, "sqlite", as_in_sqlite=True)

    assert "SUBSTR(c.created_at, 1, 10) AS day" in translated
    assert "SUM(CAST(ROUND((c.amount) * 100) AS INTEGER))" in translated
