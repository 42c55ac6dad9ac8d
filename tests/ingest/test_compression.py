"""Compressed files: what is read, what is refused, and that damage never goes unnoticed."""

import bz2
import gzip
import io
import lzma
import os
import random
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import SourceError
from ingest.source import open_source
from tests.conftest import CHECKOUT, query
from tests.ingest.program import run

HEADER = b"id,name,company_id,amount,status,created_at,paid_at\n"
DAMAGED = r"^payments: the compressed content is damaged \(.+\)\. Get a new copy of the file\.$"


def zstandard(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


def zipped(content: bytes) -> bytes:
    return archive({"payments.csv": content})


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as writer:
        for name, content in files.items():
            writer.writestr(name, content)
    return buffer.getvalue()


MEMBERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": zstandard,
}
COMPRESSIONS = {**MEMBERS, "zip": zipped}
# Without a checksum of its content, which Arrow does not write, Zstandard notices only some of the changed bytes.
CHECKED = [name for name in COMPRESSIONS if name != "zstandard"]

CONTENT = HEADER + b"".join(b"%d,%x,c1,1.50,paid,,\n" % (n, random.Random(n).getrandbits(128)) for n in range(500))
COMPRESSED = {name: compress(CONTENT) for name, compress in COMPRESSIONS.items()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "payments"


def content(path: Path, data: bytes) -> bytes:
    path.write_bytes(data)
    with open_source(str(path), "utf-8") as source:
        return b"".join(source.content())


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_content_is_read_whatever_compressed_it(path: Path, name: str) -> None:
    assert content(path, COMPRESSED[name]) == CONTENT


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_nothing_is_content_too(path: Path, name: str) -> None:
    assert content(path, COMPRESSIONS[name](b"")) == b""


@pytest.mark.parametrize("name", MEMBERS)
def test_members_are_read_one_after_the_other(path: Path, name: str) -> None:
    members = [CONTENT[:700], b"", CONTENT[700:]]

    assert content(path, b"".join(map(MEMBERS[name], members))) == CONTENT


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zip"])
def test_zeros_at_the_end_are_padding(path: Path, name: str) -> None:
    assert content(path, COMPRESSED[name] + bytes(3000)) == CONTENT


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz"])
def test_zeros_fill_more_than_a_block(path: Path, name: str) -> None:
    assert content(path, COMPRESSED[name] + bytes(600_000) + MEMBERS[name](b"more")) == CONTENT + b"more"


@pytest.mark.parametrize("rest", [b"x", b"\0\0rest of something", HEADER, bytes(300_000) + b"x"])
@pytest.mark.parametrize("name", COMPRESSIONS)
def test_anything_else_at_the_end_is_damage(path: Path, name: str, rest: bytes) -> None:
    with pytest.raises(SourceError, match=DAMAGED):
        content(path, COMPRESSED[name] + rest)


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_wherever_a_file_is_cut_off_it_is_damaged(path: Path, name: str) -> None:
    data = COMPRESSED[name]
    # With less, it does not say what it is.
    for length in {*range(10, 60), *range(60, len(data), 97), *range(len(data) - 40, len(data))}:
        with pytest.raises(SourceError, match=DAMAGED):
            content(path, data[:length])


@pytest.mark.parametrize("name", MEMBERS)
def test_a_second_member_that_is_cut_off_is_damage(path: Path, name: str) -> None:
    for length in (3, 7, 15, len(COMPRESSED[name]) - 1):
        with pytest.raises(SourceError, match=DAMAGED):
            content(path, COMPRESSED[name] + COMPRESSED[name][:length])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(CHECKED), where=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_a_changed_byte_changes_no_content_unnoticed(path: Path, name: str, where: float, change: int) -> None:
    data = bytearray(COMPRESSED[name])
    position = int(10 + where * (len(data) - 10))
    data[position] ^= change
    try:
        assert content(path, bytes(data)) == CONTENT
    except SourceError as error:
        assert re.fullmatch(r"payments: [^\n]+\.", str(error))  # noqa: PT017 - most changes are noticed, some mean nothing


def test_a_changed_byte_in_the_list_of_an_archive_is_one_line(path: Path) -> None:
    intact = archive({"payments.csv": b"content"})
    refused = 0
    for position in range(4, len(intact)):
        data = bytearray(intact)
        data[position] ^= 0xFF
        try:
            content(path, bytes(data))
        except SourceError as error:
            assert "\n" not in str(error)  # noqa: PT017 - most changes are noticed, some mean nothing
            refused += 1

    assert refused > len(intact) / 3


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "the zip archive holds no file, but must hold one. Zip the CSV file again."),
        ({"data/": b"", "__MACOSX/._a.csv": b"x"}, "the zip archive holds no file, but must hold one."),
        (
            {"a.csv": HEADER, "data/b.csv": HEADER},
            "(a.csv, data/b.csv), but must hold one. Unpack it and load its files by name.",
        ),
        (
            dict.fromkeys("abcde", HEADER),
            "the zip archive holds 5 files (a, b, c and 2 more), but must hold one.",
        ),
        ({"a\n\x1b[31m.csv": b"", "b" * 900: b""}, rf"2 files (a\n\x1b[31m.csv, {'b' * 60}...), but"),
        ({"b" * 200 + str(number): b"" for number in range(5000)}, "the zip archive lists too many files"),
    ],
    ids=["none", "none of ours", "two", "many", "hostile names", "too many"],
)
def test_an_archive_of_none_or_several_files_is_one_line(path: Path, files: dict[str, bytes], says: str) -> None:
    with pytest.raises(SourceError) as raised:
        content(path, archive(files))

    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_macos_adds_to_an_archive_is_no_file(path: Path) -> None:
    files = {"data/": b"", "data/.DS_Store": b"x", "data/a.csv": CONTENT, "__MACOSX/data/._a.csv": b"x"}

    assert content(path, archive(files)) == CONTENT


def test_a_file_in_an_archive_needs_no_name(path: Path) -> None:
    assert content(path, COMPRESSED["zip"].replace(b"payments.csv", b"\0ayments.csv")) == CONTENT


def test_an_archive_that_compresses_nothing_is_read(path: Path) -> None:
    assert content(path, archive({"payments.csv": CONTENT}, zipfile.ZIP_STORED)) == CONTENT


@pytest.mark.parametrize(("method", "number"), [(zipfile.ZIP_BZIP2, 12), (zipfile.ZIP_LZMA, 14)])
def test_an_archive_that_could_fill_the_memory_is_refused(path: Path, method: int, number: int) -> None:
    with pytest.raises(SourceError, match=rf"compressed with method {number}\. Pack it again with deflate"):
        content(path, archive({"payments.csv": CONTENT}, method))


def test_an_encrypted_archive_is_one_line(path: Path) -> None:
    data = bytearray(COMPRESSED["zip"])
    for flags in (6, data.index(b"PK\x01\x02") + 8):
        data[flags] |= 1

    with pytest.raises(
        SourceError, match=r"^payments: the zip archive is encrypted\. Unpack it and load the file in it\.$"
    ):
        content(path, bytes(data))


def test_two_archives_in_one_file_are_not_read_as_one(path: Path) -> None:
    with pytest.raises(SourceError, match=DAMAGED):
        content(path, COMPRESSED["zip"] + zipped(HEADER))


def test_xz_that_needs_much_memory_is_refused(path: Path) -> None:
    data = bytearray(lzma.compress(CONTENT, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0}]))
    # The dictionary's size is in the header of the first block, after that of the stream.
    header = slice(12, 12 + (data[12] + 1) * 4 - 4)
    assert data[14:16] == b"\x21\x01"
    data[16] = 38
    data[header.stop : header.stop + 4] = struct.pack("<I", zlib.crc32(data[header]))

    with pytest.raises(SourceError, match="^payments: decompressing it needs more than 256 MiB of memory. Compress it"):
        content(path, bytes(data))


def test_text_that_starts_as_bzip2_does_is_text(path: Path) -> None:
    assert content(path, b"BZh9,2,3,4,5,6,7\n") == b"BZh9,2,3,4,5,6,7\n"


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_standard_input_is_decompressed(database: str, name: str) -> None:
    data = COMPRESSIONS[name](HEADER + b"1,2,3,4,5,6,7\n")
    command = [sys.executable, "-m", "ingest", "load", "--json", "-"]
    done = subprocess.run(command, cwd=CHECKOUT, input=data, capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
    assert query(database, "select source_name, id from raw.loads join raw.raw_transactions on true") == [("-", "1")]


def test_no_room_for_the_copy_of_an_archive_is_one_line(database: str) -> None:
    data = archive({"payments.csv": HEADER + os.urandom(3_000_000)})
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 1024; exec "$0" -m ingest load -', sys.executable],
        cwd=CHECKOUT,
        input=data,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(
        b"Error: -: the temporary copy of the zip archive cannot be written (File too large)."
    )
    assert done.stderr.count(b"\n") == 1
    assert query(database, "select to_regclass('raw.loads')") == [(None,)]


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_damage_after_rows_that_were_copied_leaves_nothing(database: str, path: Path, name: str) -> None:
    rows = b"".join(b"%d,%x,3,4,5,6,7\n" % (n, random.Random(n).getrandbits(256)) for n in range(60_000))
    data = COMPRESSIONS[name](HEADER + rows)
    # An archive without its end has no list; its content is damaged instead.
    path.write_bytes(data[:1_500_000] + bytes(100) + data[1_500_100:] if name == "zip" else data[:1_500_000])
    done = run("load", str(path))

    assert done.returncode == 1
    assert re.fullmatch(r"Error: payments: the compressed content is damaged \(.+\)\. Get a new copy.*\n", done.stderr)
    assert query(database, "select to_regclass('raw.loads')") == [(None,)]


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_content_that_is_far_larger_takes_no_more_memory(path: Path, name: str) -> None:
    zeros = bytes(32 << 20)
    data = zipped(zeros * 8) if name == "zip" else MEMBERS[name](zeros) * 8
    path.write_bytes(data)
    script = (
        "import re, sys; from ingest.source import open_source\n"
        "def peak(): return int(re.search(r'VmHWM:\\s+([0-9]+) kB', open('/proc/self/status').read())[1])\n"
        "with open_source(sys.argv[1], 'utf-8') as source:\n"
        "    blocks = source.content(); largest = len(next(blocks)); before = peak()\n"
        "    print(max(largest, *map(len, blocks)), source.content_bytes, (peak() - before) // 1024)\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    largest, read, grown = map(int, done.stdout.split())

    assert read == 256 << 20
    assert largest <= 256 << 10
    assert grown < 24
