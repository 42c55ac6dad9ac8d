"""What is unusual about a file is said last, on standard error, with the command that mends it. Exit codes stay."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import program
from tests.conftest import CHECKOUT, query

HEADER = "id,name,company_id,amount,status,created_at,paid_at\n"


def rows(count: int, name: str = "Acme") -> str:
    return "".join(f"{number},{name},acme,1.50,paid,2019-06-01,\n" for number in range(count))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, arguments)


def load(path: Path, *options: str, content: bytes | str) -> list[str]:
    """Load a file, which must succeed; return the warnings."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run("load", *options, str(path))
    assert done.exit_code == 0, done.stderr
    return done.stderr.splitlines()


def test_a_file_in_another_encoding_is_loaded_again_by_the_command_that_is_named(database: str, tmp_path: Path) -> None:
    path = tmp_path / "my payments.csv"
    content = (HEADER + rows(2) + rows(10, "Café")).replace(",", ";").encode("cp1252")
    share, encoding = load(path, "--delimiter", ";", content=content)

    assert share == (
        "Warning: my payments.csv: 10 of 12 rows (83.3%) cannot be read and are not loaded; more than 1% is unusual. "
        "They are in raw.rejected_rows with the reasons."
    )
    assert "10 rows are not valid in utf-8. In windows-1252, row 3 is '0;Café;acme;1.50;paid;2019-06-01;'." in encoding
    command = encoding.partition("load the file again: ")[2]
    assert command == (
        f"python -m ingest load --force {shlex.quote(str(path))} --delimiter ';' --encoding windows-1252"
    )
    done = run(*shlex.split(command)[3:])
    assert (done.exit_code, done.stderr) == (0, "")
    assert query(database, "select count(*) from raw.raw_transactions where name = 'Café'") == [(10,)]


def test_unusually_many_unreadable_rows_are_warned_of_whenever_the_file_is_loaded(
    database: str, tmp_path: Path
) -> None:
    path = tmp_path / "payments.csv"
    content = HEADER + rows(98) + "short\n" * 2
    [first] = load(path, "--quiet", content=content)
    [again] = load(path, content=content)
    assert first == again
    assert "2 of 100 rows (2.0%) cannot be read" in first

    assert load(path, content=HEADER + rows(99) + "short\n") == []
    assert load(path, content=HEADER + rows(2) + "short\n" * 2) == []


def test_warnings_are_last_and_in_the_report_for_programs(database: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(HEADER + rows(9, name) + "short\n")
    done = run("load", "--json", "--force", str(tmp_path / "*.csv"), str(tmp_path / "nowhere.csv"))

    assert done.exit_code == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["Error", "Warning", "Warning"]
    assert [len(report["warnings"]) for report in json.loads(done.stdout)["loads"]] == [1, 1]


def test_quotes_behind_backslashes_are_explained(database: str, tmp_path: Path) -> None:
    lines = '1,"Acme \\"X\\" Inc",acme,1.50,paid,2019-06-01,\n2,"A \\", B",acme,1.50,paid,2019-06-01,\n'
    [warning] = load(tmp_path / "payments.csv", content=HEADER + lines + "3,Acme\\,acme,1.50,paid,2019-06-01,\n")

    assert warning.startswith('Warning: payments.csv: 2 rows are rejected that have \\" in them. In CSV (RFC 4180), a ')


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HEADER + rows(3).replace("\n", ",\n"), "Most rows have 8 fields, but the header names 7 columns."),
        (HEADER.replace("\n", ",\n") + rows(3), "Most rows have 7 fields, but the header names 8 columns."),
        (HEADER + re.sub("^", "1,", rows(3), flags=re.MULTILINE)[:-2], "Most rows have 8 fields, but the header"),
    ],
    ids=["rows end with it", "header ends with it", "rows are numbered"],
)
def test_rows_that_have_another_number_of_fields_than_the_header_are_explained(
    database: str, tmp_path: Path, content: str, says: str
) -> None:
    [warning] = load(tmp_path / "payments.csv", content=content)
    assert says in warning


def test_the_delimiter_and_nameless_columns_are_reported(database: str, tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text("sep=;\n" + (HEADER + rows(2)).replace("\n", ",\n").replace(",", ";"))
    done = run("load", str(path))

    assert ", utf-8, delimiter semicolon (;), line ending \\n, with a header\n" in done.stdout
    assert "  1 line before the header not loaded\n" in done.stdout
    assert "  columns not loaded: 1 without a name\n" in done.stdout


def test_a_file_without_a_header_is_loaded_if_that_is_said(database: str, tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text("1,Acme,acme,n/a,paid,unknown,\n" + rows(2))
    refused = run("load", str(path))
    assert refused.exit_code == 1
    assert refused.stderr.endswith("If the file has no header, add --no-header.\n")

    done = run("load", "--no-header", str(path))

    assert (done.exit_code, done.stderr) == (0, "")
    assert query(database, "select has_header, rows_loaded from raw.loads") == [(False, 3)]
    assert run("load", "--force", "--no-header", "--format", "stripe_balance", str(path)).stderr == (
        "Error: payments.csv: files of the format stripe_balance need a header to identify the columns.\n"
    )


def test_the_command_of_the_documentation_converts_quotes_behind_backslashes(database: str, tmp_path: Path) -> None:
    page = (CHECKOUT / "docs" / "ingest.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^\$ (python -c .+)$", page, re.MULTILINE)
    name = 'a "b", \\ c\r\nd'
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    (tmp_path / "export.csv").write_bytes(f'{HEADER}1,"{escaped}",acme,1.50,paid,2019-06-01,\r\n'.encode())
    subprocess.run([sys.executable, *shlex.split(command)[1:]], cwd=tmp_path, check=True)

    assert load(tmp_path / "payments.csv", content=(tmp_path / "payments.csv").read_bytes()) == []
    assert query(database, "select name from raw.raw_transactions") == [(name,)]
