"""The SQL of this package."""

from pathlib import Path

SQL = Path(__file__).with_name("sql")


def sql(name: str) -> str:
    """The text of `ingest/sql/<name>.sql`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")
