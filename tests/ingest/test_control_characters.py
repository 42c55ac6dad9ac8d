"""Nothing in a file or its name controls a terminal, breaks a line or reaches raw.loads unescaped."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli import program
from tests.conftest import CHECKOUT, query

HEADER = "id,name,company_id,amount,status,created_at,paid_at"
ROW = "1,Acme,acme,1.50,paid,2019-06-01,\n"

# Colours, the title of a window, a line over another one, the order of characters, C1, a name that is no text.
NAMES = [
    b"new\nline.csv",
    b"return\rline.csv",
    b"\x1b[31mred.csv",
    b"\x1b]0;title\x07.csv",
    "\u202egnp.csv".encode(),
    "\x9b31m.csv".encode(),
    b"no\xfftext.csv",
    "line\u2028separator.csv".encode(),
]


def printed(*arguments: str | Path) -> str:
    """What a command prints on both streams, which must be lines of printable characters."""
    done = subprocess.run(
        [sys.executable, "-m", "ingest", *arguments],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    text = done.stdout.decode()
    assert [line for line in text.split("\n") if not line.isprintable()] == []
    assert "Traceback" not in text
    return text


def on_a_terminal(*arguments: str | Path) -> bytes:
    """What a command prints on a terminal, progress included."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "ingest", *arguments], cwd=CHECKOUT, stdin=theirs, stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        shown = b""
        # Linux says so when the other end is closed.
        try:
            while block := os.read(ours, 1 << 16):
                shown += block
        except OSError:
            pass
    os.close(ours)
    return shown


def test_of_names(database: str, tmp_path: Path) -> None:
    paths = [tmp_path / os.fsdecode(name) for name in NAMES]
    for number, path in enumerate(paths):
        path.write_text(f"{HEADER}\n{ROW}short\n" + "\n" * number)
    names = [ascii(path.name)[1:-1] for path in paths]
    loaded = printed("load", *paths, *(path.with_name(f"missing-{path.name}") for path in paths))

    for number, name in enumerate(names, 1):
        assert f"Loaded {name} as load {number}\n" in loaded
        assert f"missing-{name}: No such file or directory." in loaded
    assert query(database, "select source_name from raw.loads order by load_id") == [(name,) for name in names]
    again = printed("load", *paths)
    assert [line.split(" is already loaded")[0] for line in again.splitlines() if "is already" in line] == names
    assert [line.rstrip().split("  ")[-1].strip() for line in printed("validate").splitlines()[2:]] == names
    assert f"({names[0]}, 2 rows)" in printed("remove", "1")
    paths[0].write_text("no\x1b[31mne\n1\n")
    assert f"{names[0]}: the header lacks" in printed("load", paths[0])
    assert printed("inspect", paths[0]).startswith(f"{names[0]}\n")


def test_of_a_name_that_an_earlier_version_stored(database: str, tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(f"{HEADER}\n{ROW}")
    printed("load", path)
    query(database, "update raw.loads set source_name = E'a\\n\\x1b[31mb' returning 1")

    assert "payments.csv is already loaded as load 1 (a\\n\\x1b[31mb)" in printed("load", path)
    assert printed("validate").splitlines()[-1].endswith("a\\n\\x1b[31mb")
    assert "(a\\n\\x1b[31mb, 1 row)" in printed("remove", "1")


CONTENTS = [
    f'{HEADER},"no\nte\x1b[31m"\n' + ROW.replace("\n", ",x\n"),
    f"\x1b[2Jtitle\x07\n{HEADER}\n{ROW}",
    f"{HEADER}\n{ROW.replace('Acme', chr(27) + '[31m')}\x1b[2Jshort\x07\x9b\n" + '"\x1b"x,y\n' * 5,
    f"id\x1b[31m,na\x07me\n{ROW}",
    f"{HEADER.replace(',', chr(27))}\n",
    "id,Am\x1bount,Status,Created\x07 date\nch_1,1.50,\x1b[31m,2019-06-01\n",
    "%PDF-1.7\n\x1b[31m\n",
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_of_contents(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr("ingest.rehearsal._PROJECT", tmp_path)
    paths = [tmp_path / f"{number}.csv" for number in range(len(CONTENTS))]
    for path, content in zip(paths, CONTENTS, strict=True):
        path.write_bytes(content.encode(encoding))
    assert "columns not loaded: no\\nte\\x1b[31m\n" in printed("load", *paths)
    for path in paths:
        for options in ([], ["--propose"]):
            done = CliRunner().invoke(program, ["inspect", str(path), *options])
            assert [line for line in done.output.split("\n") if not line.isprintable()] == []


def test_of_both_on_a_terminal(database: str, tmp_path: Path) -> None:
    path = tmp_path / "\x1b]0;title\x07\n.csv"
    path.write_text(CONTENTS[2])
    shown = on_a_terminal("load", path)

    assert b"Loaded \\x1b]0;title\\x07\\n.csv as load 1" in shown
    assert b"title\x07" not in shown
    assert b"\x1b]0" not in shown
    assert b"\x1b[2Jshort" not in shown


@pytest.mark.slow
def test_of_a_rehearsal(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31m\n.csv"
    path.write_text(f"{HEADER}\n{ROW}2,Acme,acme,x,\x1b]0;y\x07,2019-06-01,\n")
    assert "unknown_status: 1 row, by status\n    1  \\x1b]0;y\\x07\n" in printed("inspect", path)


def test_of_the_options(database: str) -> None:
    for option in ("--format", "--encoding", "--set"):
        done = CliRunner().invoke(program, ["load", option, "a\nb=\x1b[31m", "-"], input=HEADER)
        assert done.exit_code != 0
        assert "\x1b" not in done.output
