"""The figures on a terminal, in a pipe, and where an encoding lacks what they need."""

import re
import subprocess
import sys
from decimal import Decimal

import pytest
from rich.cells import cell_len

from report.figures import Chart, Figures, Period, read_figures
from report.snapshot import snapshot
from report.terminal import BLOCKS, encodable, render_text, sparkline
from tests.conftest import CHECKOUT
from tests.dbt_project.warehouse import Warehouse
from tests.report.conftest import LONG


def read() -> Figures:
    with snapshot() as warehouse:
        return read_figures(warehouse)


def test_the_lines_show_the_marts(reported: Warehouse) -> None:
    text = render_text(read(), width=None, colors=False)

    (charges, amount), *_ = reported.query(
        "select to_char(count(*), 'FM999,990'), to_char(sum(amount), 'FM999,999,999,990.00') from analytics.charges"
    )
    assert re.search(rf"\n  charges +{charges}\n    paid +826\n    refunded +14\n    voided +14\n", text)
    assert re.search(rf"\n  sum of all charges +{amount}\n", text)
    assert re.search(r"\n  rejected rows +6\n    invalid_amount +3\n", text)
    (company,) = reported.query(
        "select company_name, company_id, to_char(sum(total_amount), 'FM999,990.00'), count(*)"
        " from analytics.daily_transaction_summary where company_id = 'hostile-0' group by 1, 2"
    )
    name, company_id, total, days = company
    assert re.search(rf"\n  {company_id} +{re.escape(name)} +61 +{days} +60 +{total}  [{BLOCKS}]{{40}}\n", text)
    newest = reported.query(
        "select to_char(total_amount, 'FM999,990.00') from analytics.daily_transaction_summary limit 10"
    )
    lines = text.split("daily_transaction_summary, newest rows (days in UTC)\n")[1].splitlines()[1:11]
    assert [line.split()[-2] for line in lines] == [amount for (amount,) in newest]
    assert text.endswith("All rows are accounted for: 861 rows read = 854 charges + 6 rejected + 1 superseded.\n")


def test_the_totals_at_the_end_of_a_file_are_the_first_rejected_row(reported: Warehouse) -> None:
    reported.execute(
        "insert into analytics.rejected_transactions (load_id, row_number, source_name, reasons, id, amount)"
        " select max(load_id), 9999, 'payments.csv', 'unknown_status,invalid_created_at', 'Total', '1234.50'"
        " from raw.loads"
    )
    text = render_text(read(), width=100, colors=False)

    rejects = text.split("\nRejected rows, the last ones of the newest file first (5 of 7)\n")[1].splitlines()[:6]
    assert rejects[0].split() == ["load", "row", "reasons", "as", "it", "came"]
    assert re.fullmatch(
        r" +\d+ +9,999  unknown_status, +Total, \(blank\), \(blank\), 1234\.50, \(blank\), \(blank\), …", rejects[1]
    )
    # A pipe has room for all of it.
    assert re.search(
        r"Total, (\(blank\), ){2}1234\.50(, \(blank\)){3}\n", render_text(read(), width=None, colors=False)
    )


def test_no_name_steers_the_terminal(reported: Warehouse) -> None:
    text = render_text(read(), width=None, colors=False)

    assert "\ufffd[31mRed" in text
    assert [character for character in text if not character.isprintable() and character != "\n"] == []


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_tables_fit_the_terminal(reported: Warehouse, width: int) -> None:
    text = render_text(read(), width=width, colors=False)

    tables = [line for line in text.splitlines() if line.startswith("  ")]
    assert max(cell_len(line) for line in tables) <= width
    # Names may go on in the next line; numbers are whole. Rejected rows are cut, which is seen.
    rejects = text.split("\nRejected rows")[1].split("\nCompanies")[0]
    assert "\u2026" not in text.replace(rejects, "")
    assert re.search(r"\(blank\), .*\u2026$", rejects, re.MULTILINE) or width > 100
    assert re.search(r"^ *load +row  reasons", rejects, re.MULTILINE)
    assert "".join(tables).count("W") == 2 * len(LONG)


def test_a_pipe_gets_no_colors(reported: Warehouse) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "report", "--text"],
        cwd=CHECKOUT,
        env={
            "PYTHONIOENCODING": "ascii",
            "PGHOST": reported.conninfo.split()[0][5:],
            "PGDATABASE": "reported_warehouse_copy",
        },
        capture_output=True,
        check=True,
    )
    text = done.stdout.decode("ascii")
    assert "\x1b" not in text
    assert "#" in text
    assert "All rows are accounted for" in text


def test_a_terminal_gets_colors(reported: Warehouse) -> None:
    assert "\x1b[1m" in render_text(read(), width=80, colors=True)


def test_what_an_encoding_lacks_is_replaced() -> None:
    assert encodable("Café ▁█", "utf-8") == "Café ▁█"
    assert encodable("Café ▁█", "ascii") == "Caf? _#"
    assert encodable("Café ▁█", "latin-1") == "Café _#"
    assert encodable("4.0e198…", "ascii") == "4.0e198..."


def test_a_sparkline_is_as_high_as_the_largest_total_that_is_no_outlier(reported: Warehouse) -> None:
    days = [period.period for period in read().chart.periods if period.company_id is None][:5]
    totals = [Decimal(1), Decimal(4), Decimal(8), Decimal(10) ** 9]
    chart = Chart("day", [], 0, [Period(day, "a", total, 1) for day, total in zip(days, totals, strict=False)])
    chart = Chart("day", [], 0, [*chart.periods, Period(days[4], "b", Decimal(1), 1)])

    assert sparkline(chart, "a", 5) == "▁▄█▲ "
    assert sparkline(chart, "b", 5) == "    █"
    assert sparkline(chart, "a", 1) == ""


def test_an_empty_warehouse_says_so(reported: Warehouse) -> None:
    reported.execute("truncate analytics.charges, analytics.companies; truncate raw.loads cascade")
    reported.execute("truncate analytics.stg_loads; truncate analytics.rejected_transactions")

    text = render_text(read(), width=80, colors=False)

    assert "Nothing is loaded. Load a file with `python -m ingest load FILE`" in text
