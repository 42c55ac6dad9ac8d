"""A warehouse to report on, built once from rows that are meant to break a page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from report.figures import read_figures
from report.page import render_page
from report.snapshot import snapshot
from tests.conftest import RAW_SCHEMA, administer
from tests.dbt_project.conftest import new_database
from tests.dbt_project.warehouse import DATABASE, TABLES, Dbt, Warehouse
from warehouse.embedded import EmbeddedServer

TEMPLATE = "reported_warehouse"

SCRIPT = "</script><script>document.title='owned'</script>"
IMAGE = "<img src=x onerror=\"document.title='owned'\">"
QUOTES = 'O\'Neil "&amp;" {{ 7 * 7 }}'
SEPARATORS = "Line\u2028Paragraph\u2029End"
TERMINAL = "\x1b[31mRed\x07\r"
TURNED = "\u202eesrever"
LONG = "W" * 130
TWINS = "Twin"
HOSTILE_NAMES = (SCRIPT, IMAGE, QUOTES, SEPARATORS, TERMINAL.strip(), TURNED, LONG)

DAYS = 60
# How much later the loads arrive than other tests' loads: the second one on 2024-03-08.
LATER = "interval '66 days'"


def payments() -> list[tuple[str | None, ...]]:
    """Fourteen companies on sixty days, the first of them the largest, with a charge of another status each."""
    companies = [(f"hostile-{place}", name) for place, name in enumerate(HOSTILE_NAMES)]
    companies += [("twin-1", TWINS), ("twin-2", TWINS)]
    companies += [(f"small-{place}", f"Small {place}") for place in range(5)]
    rows: list[tuple[str | None, ...]] = []
    for place, (company_id, name) in enumerate(companies):
        for day in range(DAYS):
            date = f"2024-{1 + day // 28:02}-{1 + day % 28:02}"
            amount = f"{100 * (14 - place) + day % 7}.{place:02}"
            rows.append(
                (f"{company_id}-{day}", name, company_id, amount, "refunded" if day == 3 else "paid", date, date)
            )
        rows.append((f"{company_id}-void", name, company_id, "21312312393.19", "voided", "2024-03-20", None))
    return rows


FIRST_LOAD = payments()
SECOND_LOAD: list[tuple[str | None, ...]] = [
    # Replaces a row of the first load.
    ("hostile-0-0", SCRIPT, "hostile-0", "5000.00", "paid", "2024-01-01", None),
    # Refused for one reason, for all of them, and with hostile text in every field.
    (None, "Small 1", "small-1", "1", "paid", "2024-01-01", None),
    (" ", SCRIPT, "*", "3.0e213231213123", "p&0x3fid", "now", "soon"),
    (IMAGE, IMAGE, IMAGE, IMAGE, IMAGE, IMAGE, IMAGE),
    ("cut", "Small 1", "small-1", "9" * 100_000, "paid", "2024-01-01", None),
]
UNREADABLE = [("wrong_field_count", b"a,b\xff</pre></script>"), ("nul_byte", b"a\x00b")]


@pytest.fixture(scope="session")
def report_template(server: EmbeddedServer, dbt: Dbt) -> Iterator[Warehouse]:
    """The warehouse, for tests that only read it."""
    with pytest.MonkeyPatch.context() as monkeypatch, new_database(server, "template1"):
        monkeypatch.setenv("PGHOST", str(server.socket))
        monkeypatch.setenv("PGDATABASE", DATABASE)
        warehouse = Warehouse(f"host={server.socket} dbname={DATABASE}")
        warehouse.execute(RAW_SCHEMA)
        warehouse.load(FIRST_LOAD)
        warehouse.load(SECOND_LOAD, unreadable=UNREADABLE)
        # After the last of the days, so that all of them are complete.
        warehouse.execute(
            f"update raw.loads set started_at = started_at + {LATER}, finished_at = finished_at + {LATER}"
        )
        dbt(*TABLES)
        warehouse.connection.close()
        administer(server, f"alter database {DATABASE} rename to {TEMPLATE}")
    warehouse.conninfo = f"host={server.socket} dbname={TEMPLATE}"
    yield warehouse
    administer(server, f"drop database {TEMPLATE} with (force)")


@pytest.fixture
def reported(
    server: EmbeddedServer, report_template: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Warehouse]:
    """A copy of the warehouse, to be changed, that PGHOST and PGDATABASE name."""
    name = f"{TEMPLATE}_copy"
    administer(server, f"create database {name} template {TEMPLATE}")
    monkeypatch.setenv("PGHOST", str(server.socket))
    monkeypatch.setenv("PGDATABASE", name)
    warehouse = Warehouse(f"host={server.socket} dbname={name}")
    yield warehouse
    warehouse.connection.close()
    administer(server, f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def page(report_template: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse's page as a file."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        host, database = (part.partition("=")[2] for part in report_template.conninfo.split())
        monkeypatch.setenv("PGHOST", host)
        monkeypatch.setenv("PGDATABASE", database)
        with snapshot() as warehouse:
            figures = read_figures(warehouse)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_page(figures), encoding="utf-8", newline="\n")
    return path
