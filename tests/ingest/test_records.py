"""The reader against a plain one, over files made to break it."""

import itertools
import json
import os
import shutil
import subprocess

import pytest
from hypothesis import example, given, note, settings
from hypothesis import strategies as st

from ingest.records import (
    AMBIGUOUS_QUOTE,
    INVALID_ENCODING,
    MAX_LINE_BYTES,
    NUL_BYTE,
    RECORD_TOO_LONG,
    STRAY_QUOTE,
    UNCLOSED_QUOTE,
    WRONG_FIELD_COUNT,
    LineTooLongError,
    RecordReader,
)
from tests.conftest import CHECKOUT
from tests.ingest.hostile_files import TERMINATORS, files
from tests.ingest.reference_reader import read

ALL = tuple(range(7))


def read_blocks(
    blocks: list[bytes],
    *,
    delimiter: bytes = b",",
    fields: int = 7,
    used: tuple[int, ...] = ALL,
    terminator: bytes = b"\n",
    after_header: bool = False,
    longest: int = 1 << 20,
) -> tuple[bytes, list[tuple[int, str, bytes]], int, int]:
    """What goes to COPY, the rejected records, the number of rows and of blank records."""
    rejected: list[tuple[int, str, bytes]] = []
    reader = RecordReader(
        delimiter=delimiter,
        fields=fields,
        used=used,
        terminator=terminator,
        after_header=after_header,
        added_field=b"42",
        reject=lambda *found: rejected.append(found),
        max_record=longest,
    )
    pieces = [piece for block in blocks for piece in reader.feed(block)]
    pieces += reader.finish()
    assert reader.rejected == len(rejected) == sum(piece is reader.placeholder for piece in pieces)
    return b"".join(pieces), rejected, reader.rows, reader.blanks


# A night's run may ask for more; 60,000 have been seen to pass.
@settings(max_examples=int(os.environ.get("HOSTILE_FILES", "1500")), deadline=None)
@given(
    data=files(),
    cuts=st.lists(st.integers(0, 200), max_size=6),
    terminator=st.sampled_from(TERMINATORS),
    after_header=st.booleans(),
    longest=st.sampled_from([12, 20, 40, 1 << 20]),
    layout=st.sampled_from([(b",", 7, ALL), (b";", 7, ALL), (b",", 8, (1, 2, 3, 4, 5, 6, 7)), (b",", 3, (0, 2))]),
)
@example(b'"a,b,c\r', [6], b"\r\n", False, 1 << 20, (b",", 7, ALL))
def test_reads_what_a_plain_reader_reads(
    data: bytes,
    cuts: list[int],
    terminator: bytes,
    after_header: bool,
    longest: int,
    layout: tuple[bytes, int, tuple[int, ...]],
) -> None:
    delimiter, fields, used = layout
    options = {
        "delimiter": delimiter,
        "fields": fields,
        "used": used,
        "terminator": terminator,
        "after_header": after_header,
        "longest": longest,
    }
    note(f"{data=} {cuts=} {options=}")
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    blocks = [data[start:end] for start, end in itertools.pairwise(edges)]

    stream, rejected, rows, blanks = read_blocks(blocks, **options)  # type: ignore[arg-type]

    expected = read(data, **options)  # type: ignore[arg-type]
    placeholder = [b""] * len(used)
    assert stream == b"".join(delimiter.join([*(row or placeholder), b"42\n"]) for row in expected.rows)
    assert rejected == expected.rejected
    assert (rows, blanks) == (len(expected.rows), expected.blanks)


@pytest.mark.parametrize("terminator", [b"\n", b"\r\n", b"\r", b"\r\r", b"\r\r\n", b"\r\r\r\n"])
def test_every_cut_of_a_file_gives_the_same(terminator: bytes) -> None:
    data = terminator.join([b"1,2,3,4,5,6,7", b'2,"a,""b""\r\nc",3,4,5,6,7', b",,,,,,", b"", b"3,2,3,4,5,6,7"])
    whole = read_blocks([data], terminator=terminator)

    assert whole[2:] == (3, 2)
    for cut in range(len(data)):
        assert read_blocks([data[:cut], data[cut:]], terminator=terminator) == whole


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        (b"1,2,3\n", [WRONG_FIELD_COUNT]),
        (b"1,2,3,4,5,6,7,8\n", [WRONG_FIELD_COUNT]),
        (b'1,a"b,3,4,5,6,7\n', [STRAY_QUOTE]),
        (b'1,"a"b,3,4,5,6,7\n', [STRAY_QUOTE]),
        (b'1,"a,3,4,5,6,7\n', [UNCLOSED_QUOTE]),
        (b'"1,2,3,4,5,6,7\nx",2,3,4,5,6,7\n', [AMBIGUOUS_QUOTE]),
        (b'1,"a\n1,2,3,4,5,6,7\nb",3,4,5,6,7\n', [AMBIGUOUS_QUOTE]),
        (b"1,\xe9,3,4,5,6,7\n", [INVALID_ENCODING]),
        (b"1,\0,3,4,5,6,7\n", [NUL_BYTE]),
        (b"1,2,3,4,5,6," + b"7" * 50 + b"\n", [RECORD_TOO_LONG]),
    ],
)
def test_says_why_a_record_is_rejected(data: bytes, reasons: list[str]) -> None:
    _, rejected, rows, _ = read_blocks([data, b"1,2,3,4,5,6,7\n"], longest=50)

    assert [reason for _, reason, _ in rejected] == reasons
    assert rows == len(reasons) + 1
    assert b"".join(record for *_, record in rejected) == data.rstrip(b"\n")


def test_an_unclosed_quote_in_a_large_file_costs_its_own_line_alone() -> None:
    good = b"1,2,3,4,5,6,7\n" * 100_000
    data = good + b'9,"never closed,3,4,5,6,7\n' + good

    stream, rejected, rows, _ = read_blocks([data[start : start + 65536] for start in range(0, len(data), 65536)])

    assert rejected == [(100_001, UNCLOSED_QUOTE, b'9,"never closed,3,4,5,6,7')]
    assert rows == 200_001
    assert stream == (good + b",,,,,,\n" + good).replace(b"\n", b",42\n")


# Reads a file of two-field records with the module alone, which needs no package; prints what is sent and refused.
READ_ALONE = """
import importlib.util, json, sys
specification = importlib.util.spec_from_file_location("records", sys.argv[1])
records = importlib.util.module_from_spec(specification)
specification.loader.exec_module(records)
refused = []
reader = records.RecordReader(
    delimiter=b",", fields=2, used=(0, 1), terminator=b"\\n", after_header=True, added_field=b"",
    reject=lambda number, reason, record: refused.append([number, reason, record.decode()]),
)
sent = [*reader.feed(sys.stdin.buffer.read()), *reader.finish()]
print(json.dumps([b"".join(sent).decode(), refused]))
"""


def test_the_systems_python_reads_the_same() -> None:
    python = shutil.which("python3", path="/usr/bin")
    if python is None or subprocess.run([python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).returncode:
        pytest.skip("no Python 3.11 or newer in /usr/bin")
    data = b'1,"a"\nragged\n2,b\n3,"x"y\n4,"open\n5,c\n'
    done = subprocess.run(
        [python, "-c", READ_ALONE, str(CHECKOUT / "ingest" / "records.py")], input=data, capture_output=True, check=True
    )

    assert json.loads(done.stdout) == [
        '1,"a",\n,,\n2,b,\n,,\n,,\n5,c,\n',
        [[2, WRONG_FIELD_COUNT, "ragged"], [4, STRAY_QUOTE, '3,"x"y'], [5, UNCLOSED_QUOTE, '4,"open']],
    ]


def test_a_file_without_line_ends_is_given_up() -> None:
    reader = RecordReader(
        delimiter=b",",
        fields=7,
        used=ALL,
        terminator=b"\n",
        after_header=False,
        added_field=b"",
        reject=lambda *_: None,
    )
    block = b"x" * (MAX_LINE_BYTES // 4)

    for _ in range(4):
        assert list(reader.feed(block)) == []
    with pytest.raises(LineTooLongError):
        list(reader.feed(block))
