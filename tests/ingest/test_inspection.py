"""What is said of a file: what it is, which format fits, what can be read; of hostile files as well."""

import gzip
import importlib.util
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ingest import rehearsal
from ingest.cli import program
from ingest.errors import FormatError, SourceError
from ingest.formats import COLUMNS
from ingest.inspection import Options, inspect_file
from ingest.load import DataLoader
from ingest.results import Inspection
from tests.conftest import CHECKOUT
from tests.ingest.layouts import GERMAN
from tests.ingest.program import run

HEADER = ",".join(COLUMNS).encode() + b"\n"
ROW = b"t1,Acme,acme,1.50,paid,2024-05-01,\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "payments.csv"


def inspect(path: Path, content: bytes, **options: Any) -> Inspection:
    path.write_bytes(content)
    return inspect_file(str(path), Options(**options), name=path.name)


def read(inspection: Inspection) -> tuple[int, dict[str, int]]:
    """How many records can be read, and why the others cannot."""
    assert inspection.records is not None
    return inspection.records.read - inspection.records.rejected, inspection.records.rejected_by_reason


@pytest.fixture
def without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "_PROJECT", Path("/nowhere"))


def invoke(*arguments: str, text: bytes | None = None) -> Result:
    return CliRunner().invoke(program, ["inspect", *arguments], input=text)


def test_all_that_can_be_seen_of_a_file(path: Path) -> None:
    content = (
        "\ufeff" + HEADER.decode().replace("\n", ",note\r\n") + 'a\x07b,"x,\ny",c,1,paid,2024-05-01,,é\r\n\r\nshort\r\n'
    )
    file = (inspection := inspect(path, gzip.compress(content.encode()))).file

    assert inspection
    assert (inspection.format, inspection.problem, inspection.proposal) == ("standard", None, None)
    assert (file.name, file.size, file.compression) == ("payments.csv", path.stat().st_size, "gzip")
    assert (file.content_bytes, file.encoding, file.has_byte_order_mark) == (len(content.encode()), "utf-8", True)
    assert (file.line_terminator, file.delimiter) == ("\r\n", ",")
    assert file.header == (*COLUMNS, "note")
    assert file.first_rows == (("a\\x07b", "x,\\ny", "c", "1", "paid", "2024-05-01", "", "é"), ("short",))
    assert [column.loaded_as for column in inspection.columns] == [*((column,) for column in COLUMNS), ()]
    assert read(inspection) == (1, {"wrong_field_count": 1})
    assert inspection.records is not None
    assert [example.preview for example in inspection.records.rejected_examples] == ["short"]


def test_lines_around_the_records(path: Path) -> None:
    inspection = inspect(path, GERMAN.content)
    file = inspection.file

    assert not inspection
    assert (file.lines_before_header, file.lines_before_header_count) == (
        ("Umsatzbericht", "Zeitraum: Mai 2024; alle Händler"),
        2,
    )
    assert (file.lines_after_rows, file.encoding, file.delimiter) == (2, "cp1252", ";")
    assert read(inspection) == (3, {})


@pytest.mark.parametrize("wide", [False, True])
def test_it_counts_as_a_load_does(path: Path, database: str, wide: bool) -> None:
    random.seed(3)
    parts = [
        ROW,
        b'1,"x\ny",3,4,5,6,7\n',
        b"\n",
        b"1,2\n",
        b'1,"open,3\n',
        b"1,\xff,3,4,5,6,7\n",
        b",,,,,,\n",
        b"a\0b\n",
    ]
    content = HEADER + b"".join(random.choice(parts) for _ in range(5_000))
    if wide:
        content = b"\n".join(line + b",more" for line in content.split(b"\n"))
    inspection = inspect(path, content)
    report = DataLoader().load_csv_to_database(str(path))

    records = inspection.records
    assert records is not None
    assert (records.read, records.rejected, records.blank) == (
        report.rows_read,
        report.rows_rejected,
        report.blank_records,
    )
    assert records.rejected_by_reason == report.rejected_by_reason
    assert records.rejected_examples == report.rejected_examples


STRIPE = b"id,Amount,Currency,Status,Created (UTC),Amount Refunded,Fee\nch_1,1.50,usd,Paid,2024-05-01 10:00,0,0\n"


def test_a_format_that_says_too_little_names_what_is_missing(path: Path) -> None:
    inspection = inspect(path, STRIPE)

    assert (inspection.format, bool(inspection)) == ("stripe_payments", False)
    assert inspection.problem == "files of the format stripe_payments lack name, company_id"
    assert inspection.advice == "Add --set name=VALUE --set company_id=VALUE."
    assert read(inspection) == (1, {})

    told = inspect(path, STRIPE, constants={"company_id": "acme", "name": "Acme"})
    assert told
    assert told.constants == {"company_id": "acme", "name": "Acme"}
    with pytest.raises(FormatError, match=r"payments.csv: amount cannot be set"):
        inspect(path, STRIPE, constants={"amount": "1"})


def test_the_nearest_format_and_what_it_lacks(path: Path) -> None:
    inspection = inspect(path, b"id,Amount,Status\nch_1,1.50,Paid\n")
    assert inspection.problem == (
        "no format fits; the closest is stripe_payments, for which the header lacks "
        "'Amount Refunded', 'Currency', 'Created date (UTC)'"
    )


def test_a_format_that_fits_with_another_delimiter(path: Path) -> None:
    inspection = inspect(path, (HEADER + ROW).replace(b",", b";"))
    assert (bool(inspection), inspection.format, inspection.file.delimiter) == (True, "standard", ";")
    assert inspection.file.first_rows == (tuple(ROW.decode().strip().split(",")),)
    assert not inspect(path, path.read_bytes(), delimiter=",")


def test_a_format_that_fits_in_another_encoding(path: Path) -> None:
    header = "id,name,company_id,amount,status,created_at,paid_at\n"
    inspection = inspect(path, (header + ROW.decode()).encode("utf-16-le"))
    assert inspection.advice == "With --encoding utf-16-le it fits the format standard."
    assert inspect(path, path.read_bytes(), encoding="utf-16-le")


def test_a_file_without_a_header(path: Path) -> None:
    content = b"t1,Acme,acme,n/a,paid,unknown,\n" + ROW
    assert not inspect(path, content)
    inspection = inspect(path, content, without_header=True)
    assert (bool(inspection), inspection.file.header, read(inspection)) == (True, None, (2, {}))
    with pytest.raises(FormatError, match=r"payments.csv: files of the format stripe_payments need a header"):
        inspect(path, content, without_header=True, format_name="stripe_payments")


def test_another_kind_of_file_is_named(path: Path) -> None:
    inspection = inspect(path, b"%PDF-1.7\n1,2\n")
    assert (inspection.problem, inspection.advice) == (
        "this is a PDF document, not CSV",
        "Get the payments from its sender as a CSV file.",
    )


def test_the_encoding_of_records_that_are_not_valid_is_guessed(path: Path) -> None:
    inspection = inspect(path, HEADER + ROW * 3 + ROW.replace(b"Acme", "Café".encode("cp1252")))
    assert inspection.advice == (
        "1 row is not valid in utf-8. In windows-1252, row 4 is 't1,Café,acme,1.50,paid,2024-05-01,'. "
        "If that looks right, add --encoding windows-1252"
    )


def test_a_format_that_is_named_is_the_one(path: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="There is no format 'nothing'"):
        inspect(path, HEADER + ROW, format_name="nothing")
    inspection = inspect(path, HEADER + ROW, format_name="stripe_payments")
    assert inspection.problem is not None
    assert "the closest is stripe_payments" in inspection.problem
    own = tmp_path / "own.toml"
    own.write_text((CHECKOUT / "formats" / "standard.toml").read_text(encoding="utf-8"))
    assert inspect(path, HEADER + ROW, format_name=str(own)).format == "own"


def test_several_formats_that_fit(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (CHECKOUT / "formats" / "standard.toml").read_text(encoding="utf-8")
    for name in ("standard", "twin"):
        (tmp_path / f"{name}.toml").write_text(text)
    monkeypatch.setattr("ingest.formats.FORMATS", tmp_path)
    inspection = inspect(path, HEADER + ROW)

    assert (inspection.format, inspection.problem) == (None, "the header fits several formats: standard, twin")
    assert inspection.advice == "Choose one with --format."


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b"\n\r\n \n", "the file is empty"),
        (bytes(range(256)) * 100, "this is a binary file, not CSV"),
        (os.urandom(100_000), "this is a binary file, not CSV"),
        (b"amount\n1\n2\n", "no format fits"),
        (b"just some words\nand some more\n", "no format fits"),
        (b"1,2,3\n4,5,6\n", "no format fits"),
        (b'"never closed,b,c\n' + b"x,y,z\n" * 20_000, "no format fits"),
        (gzip.compress(b""), "the file is empty"),
    ],
    ids=["nothing", "blank", "bytes", "random", "one column", "words", "no header", "open quote", "empty gzip"],
)
def test_what_is_no_table_is_said_to_be_none(path: Path, content: bytes, problem: str) -> None:
    inspection = inspect(path, content)

    assert not inspection
    assert str(inspection.problem).startswith(problem)
    assert inspection.file.size == len(content)


def test_hostile_files_that_are_tables_after_all(path: Path) -> None:
    many = [f"column{number}" for number in range(200)]
    wide = inspect(path, (",".join(many) + "\n" + ",".join(["x"] * 200) + "\n").encode())
    assert (len(wide.columns), wide.file.header) == (200, tuple(many))
    assert wide.proposal is not None

    assert read(inspect(path, HEADER)) == (0, {})
    assert read(inspect(path, ROW)) == (1, {})
    assert inspect(path, ROW).file.header is None
    assert read(inspect(path, HEADER + ROW + b'"' + ROW * 3)) == (3, {"unclosed_quote": 1})
    assert read(inspect(path, (HEADER + ROW).decode().encode("utf-16"))) == (1, {})
    assert inspect(path, path.read_bytes()).file.has_byte_order_mark
    without_mark = inspect(path, (HEADER + ROW).decode().encode("utf-16-le"))
    assert without_mark.advice == "With --encoding utf-16-le it fits the format standard."
    latin = inspect(path, HEADER + ROW.replace(b"Acme", b"Caf\xe9"))
    assert read(latin) == (0, {"invalid_encoding": 1})
    assert latin.advice is not None
    assert "--encoding windows-1252" in latin.advice
    long = inspect(path, HEADER + ROW + b"x" * (2 << 20) + b"\n" + ROW)
    assert read(long) == (2, {"record_too_long": 1})
    assert long.records is not None
    assert len(long.records.rejected_examples[0].preview) <= 100


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(HEADER + ROW * 1000)[:-10], "the compressed content is damaged"),
        (gzip.compress(random.Random(1).randbytes(1 << 20))[:-10], "the compressed content is damaged"),
        (HEADER + b"x" * (17 << 20), "there is no line end within 16 MiB"),
        (b"a,b,c\n" + b"1,2," + b"x" * (17 << 20), "there is no line end within 16 MiB"),
    ],
    ids=["truncated", "truncated binary", "huge line", "huge line in no format"],
)
def test_what_cannot_be_read_is_an_error(path: Path, content: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        inspect(path, content)


def test_an_encoding_that_is_none_is_an_error(path: Path) -> None:
    with pytest.raises(SourceError, match="Unknown encoding 'klingon'"):
        inspect(path, HEADER + ROW, encoding="klingon")
    with pytest.raises(SourceError, match="cannot be read as punycode"):
        inspect(path, HEADER + b"\xff" * 100, encoding="punycode")


def test_the_report_for_people(path: Path, without_rules: None) -> None:
    path.write_bytes(HEADER.replace(b"\n", b",note\n") + b"t1,Acme,acme,1.50,paid,2024-05-01,,[bold]\x1b\nshort\n")
    done = invoke(str(path))

    assert done.exit_code == 0
    assert done.output == (
        "payments.csv\n"
        "  size       106 bytes\n"
        "  encoding   utf-8\n"
        "  line ends  \\n\n"
        "  delimiter  comma (,)\n"
        "  header     8 columns\n"
        "  format     standard (The warehouse's own layout)\n"
        "\n"
        "Columns\n"
        "  column      loaded as   row 1       row 2\n"
        "  id          id          t1          short\n"
        "  name        name        Acme\n"
        "  company_id  company_id  acme\n"
        "  amount      amount      1.50\n"
        "  status      status      paid\n"
        "  created_at  created_at  2024-05-01\n"
        "  paid_at     paid_at\n"
        "  note        -           [bold]\\x1b\n"
        "\n"
        "Records\n"
        "  can be read          1\n"
        "  cannot be read       1\n"
        "    wrong_field_count  1\n"
        "  blank, not counted   0\n"
        "  row 2: wrong_field_count: short\n"
        "\n"
        "The business rules were skipped: there is no dbt project in /nowhere.\n"
    )


def test_without_dbt_the_rest_is_still_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec

    def without_dbt(name: str) -> Any:
        if name.startswith("dbt"):
            raise ModuleNotFoundError(name)
        return find_spec(name)

    monkeypatch.setattr(importlib.util, "find_spec", without_dbt)
    path.write_bytes(HEADER + ROW)
    done = invoke(str(path))

    assert done.exit_code == 0
    assert "  can be read         1\n" in done.output
    assert done.output.endswith("\nThe business rules were skipped: the package dbt-core is not installed.\n")


def test_the_report_as_json(path: Path, without_rules: None) -> None:
    path.write_bytes(GERMAN.content)
    done = invoke("--json", "--quiet", str(path))

    report = json.loads(done.stdout)
    assert done.exit_code == 1
    assert report["can_be_loaded"] is False
    assert report["columns"][0] == {"name": "Transaktionsnummer", "loaded_as": ["id"]}
    assert report["proposal"].startswith("# A proposal for files such as")
    assert report["rehearsal_left_out"] == "the file cannot be loaded as it is"


def test_a_proposal_alone_goes_to_standard_output(path: Path) -> None:
    path.write_bytes(GERMAN.content)
    shown, alone, piped = (
        invoke(str(path)),
        invoke("--propose", str(path)),
        invoke("--propose", "-", text=GERMAN.content),
    )

    assert shown.exit_code == 1
    assert shown.output.endswith(f"python -m ingest inspect {path} --propose > formats/NAME.toml\n")
    assert (alone.exit_code, alone.stderr) == (0, "")
    assert alone.stdout == inspect_file(str(path), Options(), name=path.name).proposal
    assert piped.exit_code == 0
    assert piped.stdout.startswith('# A proposal for files such as "-".')


def test_a_proposal_that_cannot_be_made_is_one_line(path: Path) -> None:
    path.write_bytes(b"just words\n")
    done = invoke("--propose", str(path))

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: payments.csv: no format fits. No format can be proposed either: "
        "no line looks like a header of at least two columns.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nowhere.csv"], 1, "nowhere.csv: No such file"),
        (["docs"], 1, "docs: this is a directory. Name one of its files."),
        ([""], 1, "The name of the file is empty: name a file"),
        (["--format", "nothing", "-"], 1, "There is no format 'nothing'"),
        (["--format", "nothing.toml", "-"], 1, "nothing.toml: No such file"),
        (["--encoding", "klingon", "-"], 1, "Unknown encoding 'klingon'"),
        (["--set", "amount=1", "-"], 1, "amount cannot be set"),
        (["--set", "amount", "-"], 2, "write COLUMN=VALUE"),
        (["--delimiter", "x", "-"], 2, "use , ; | or tab"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_is_wrong_is_one_line_and_an_exit_code(arguments: list[str], code: int, says: str) -> None:
    done = run("inspect", *arguments, text=(HEADER + ROW).decode())

    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert (done.returncode, len(errors), done.stdout) == (code, 1, "")
    assert says in errors[0]
    assert "Traceback" not in done.stderr


def test_a_closed_standard_input_is_one_line() -> None:
    done = subprocess.run(
        ["bash", "-c", 'exec "$0" -m ingest inspect - <&-', sys.executable],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"Error: Standard input is closed: name a file instead of -.\n")


def test_a_pipe_with_a_name_is_read_as_well(path: Path, without_rules: None) -> None:
    os.mkfifo(path)
    with subprocess.Popen(["bash", "-c", 'printf "%s" "$1" > "$0"', str(path), (HEADER + ROW).decode()]):
        done = invoke(str(path))

    assert done.exit_code == 0
    assert done.output.startswith("payments.csv\n  size       87 bytes\n")


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(path: Path) -> None:
    script = (
        "import resource, sys; from ingest.inspection import *;"
        "inspect_file(sys.argv[1], Options(), name='x');"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )

    def peak(rows: int) -> int:
        with path.open("wb") as stream:
            stream.write(b"Transaction ID,Amount,Status,Date\n")
            for number in range(rows):
                stream.write(b"t%d,%d.50,paid,2024-05-13\n" % (number, number))
        command = [sys.executable, "-c", script, str(path)]
        return int(subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=True).stdout)

    assert peak(1_500_000) < peak(50_000) + (20 << 10)
