"""Translate what PostgreSQL says of the view and of the checks into the SQL of the target.

The text is the model's own, as PostgreSQL keeps it, so the business rules in it stand once: in the model. What is
translated is a list of what is known to mean the same everywhere. Anything else is refused rather than guessed.
"""

from collections.abc import Callable

import sqlglot
from sqlglot import exp

from publish.errors import ContractError

# What means the same in all databases, given the types of the published columns and their binary order of text.
_SAME_EVERYWHERE = (
    *(exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Subquery),
    *(exp.With, exp.CTE, exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Star),
    *(exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Cast, exp.DataType, exp.DataTypeParam),
    *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Is, exp.Between),
    *(exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Case, exp.If, exp.Coalesce, exp.Count, exp.Sum, exp.Min, exp.Max),
)
_NUMBERS = (exp.DataType.Type.DECIMAL, exp.DataType.Type.INT, exp.DataType.Type.BIGINT)
_TEXT = (exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR)


def translate_view(
    definition: str, dialect: str, table_names: dict[str, str], *, has_decimals: bool, has_dates: bool
) -> str:
    """Return the query of a view for the target.

    Args:
        definition: The query, as `pg_get_viewdef` returns it.
        dialect: Name of the target's dialect in sqlglot.
        table_names: Name on the target of each table that the query may read.
        has_decimals: Whether the target has decimals, so that its sums are exact.
        has_dates: Whether the target has dates and times; otherwise these are texts such as 2024-01-31 23:59:59.999999.

    Raises:
        ContractError: The query reads another table, or says something that may mean something else on the target.
    """
    tree = _parsed(definition, "The view")
    # Without schemas, these would hide the tables of the same names, or refer to themselves.
    hiding = {cte.alias: f"{cte.alias}_rows" for cte in tree.find_all(exp.CTE) if cte.alias in table_names}
    for cte in tree.find_all(exp.CTE):
        if cte.alias in hiding:
            cte.args["alias"].set("this", exp.to_identifier(hiding[cte.alias]))
    for table in tree.find_all(exp.Table):
        # Tables have a schema here, common table expressions have none.
        names = table_names if table.db else hiding
        if table.db and table.name not in names:
            raise ContractError(
                f"The view reads {table.db}.{table.name}, which is not published: "
                "let the model read only published tables."
            )
        if table.name in names:
            if not table.alias:
                # Columns go by it.
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("db", None)
            table.set("this", exp.to_identifier(names[table.name]))
    _translate(tree, dialect, "The view")
    if not has_decimals:
        _replace(tree, exp.Cast, _sum_of_whole_units)
    if not has_dates:
        _replace(tree, exp.Cast, _day_of_text)
    return tree.sql(dialect=dialect, identify=True, pretty=True)


def translate_check(condition: str, dialect: str) -> str:
    """Return the condition of a check for the target.

    Args:
        condition: The condition, as PostgreSQL says it.
        dialect: Name of the target's dialect in sqlglot.

    Raises:
        ContractError: It says something that may mean something else on the target.
    """
    # Below a root, so that all of it can be replaced.
    tree = exp.Paren(this=_parsed(condition, "A check"))
    _translate(tree, dialect, "A check")
    return str(tree.this.sql(dialect=dialect, identify=True))


def _parsed(text: str, what: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(text, read="postgres")
    except sqlglot.errors.SqlglotError:
        # Its own message is several lines with the colors of a terminal.
        raise ContractError(
            f"{what} cannot be read by sqlglot, which translates it: write it in plainer SQL in the model."
        ) from None


def _translate(tree: exp.Expr, dialect: str, what: str) -> None:
    if dialect == "postgres":
        return
    _replace(tree, exp.Cast, _without_cast_of_text)
    _replace(tree, exp.EQ, _in_list)
    for ordered in tree.find_all(exp.Ordered):
        # PostgreSQL sorts NULLs as the largest values, the others as the smallest; what is published has none here, and
        # to ask for it would keep indexes from being used.
        ordered.set("nulls_first", not ordered.args.get("desc"))
    for node in tree.walk():
        is_known = isinstance(node, _SAME_EVERYWHERE)
        if isinstance(node, exp.Cast):
            is_known = node.to.this == exp.DataType.Type.DATE or _is_decimal(node)
        elif isinstance(node, exp.Join):
            # MySQL has no full joins, and in their stead sqlglot writes a union, whose sums are those of its parts.
            is_known = node.side != "FULL" and node.method != "NATURAL"
        if not is_known:
            raise ContractError(
                f"{what} has `{node.sql(dialect='postgres')}`, which may mean something else in this database: "
                "publish to PostgreSQL, or build the models without it (perhaps with the variable business_time_zone)."
            )


def _replace(tree: exp.Expr, kind: type[exp.Expr], replacement: Callable[[exp.Expr], exp.Expr]) -> None:
    # From the leaves up: what is replaced takes what is below it along.
    for node in reversed(list(tree.find_all(kind, bfs=True))):
        new = replacement(node)
        if new is not node:
            node.replace(new)


def _without_cast_of_text(cast: exp.Expr) -> exp.Expr:
    """Leave out casts from one type of text to another, of lists of them, and of literals to a type without limits."""
    to: exp.DataType = cast.args["to"]
    is_text = to.this in _TEXT and not to.expressions
    is_list_of_text = to.this == exp.DataType.Type.ARRAY
    unnested: exp.Expr = cast.this.unnest()
    if isinstance(unnested, exp.Literal) and to.this in _NUMBERS and not to.expressions:
        return exp.Literal(this=unnested.name, is_string=False)
    if is_text or is_list_of_text:
        return unnested
    cast.set("this", unnested)
    return cast


def _in_list(equality: exp.Expr) -> exp.Expr:
    """Return `a in (...)` for `a = any (array[...])`, which is how PostgreSQL keeps it."""
    any_of = equality.expression.unnest()
    if isinstance(any_of, exp.Any) and isinstance(any_of.this.unnest(), exp.Array):
        return exp.In(this=equality.this.unnest(), expressions=any_of.this.unnest().expressions)
    return equality


def _is_decimal(cast: exp.Expr) -> bool:
    to: exp.DataType = cast.args["to"]
    return to.this == exp.DataType.Type.DECIMAL and len(to.expressions) == 2


def _sum_of_whole_units(cast: exp.Expr) -> exp.Expr:
    """Sum whole units of the last decimal place, such as cents, since sums of floating-point numbers are not exact."""
    if not _is_decimal(cast):
        return cast
    if not isinstance(cast.this, exp.Sum):
        raise ContractError(f"The view has `{cast.sql(dialect='postgres')}`, and this database has no decimals.")
    places = int(cast.args["to"].expressions[1].name)
    units = exp.func("ROUND", exp.Mul(this=exp.Paren(this=cast.this.this), expression=exp.Literal.number(10**places)))
    total = exp.Sum(this=exp.cast(units, "BIGINT"))
    return exp.func("ROUND", exp.Div(this=total, expression=exp.Literal.number(f"1{'0' * places}.0")), str(places))


def _day_of_text(cast: exp.Expr) -> exp.Expr:
    """Take the day as it is written: SQLite's functions round up what is half a millisecond from midnight."""
    if cast.args["to"].this != exp.DataType.Type.DATE:
        return cast
    return exp.Anonymous(this="SUBSTR", expressions=[cast.this, exp.Literal.number(1), exp.Literal.number(10)])
