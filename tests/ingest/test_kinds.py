"""A file that is not CSV is named for what it is, with what to do about it, in one line."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from ingest.errors import HeaderError, SourceError
from ingest.formats import COLUMNS, STANDARD, read_formats
from ingest.header import read_layout
from ingest.kinds import kind_of
from ingest.load import format_of
from ingest.reading import Reading, Rejects
from ingest.source import open_source

HEADER = ",".join(COLUMNS) + "\n"


def zipped(*names: str) -> bytes:
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return packed.getvalue()


def tarred() -> bytes:
    with tarfile.open(fileobj=(packed := io.BytesIO()), mode="w") as archive:
        archive.addfile(tarfile.TarInfo("payments.csv"))
    return packed.getvalue()


def of_arrow(write: str) -> bytes:
    table, sink = pa.table({"id": ["1"]}), io.BytesIO()
    if write == "parquet":
        pq.write_table(table, sink)
    else:
        feather.write_feather(table, sink)
    return sink.getvalue()


def refusal(path: Path, content: bytes, *, named: bool = False) -> str:
    """What a load says of a file, with a format that is named or found."""
    path.write_bytes(content)
    with pytest.raises(SourceError) as raised:
        read(path, STANDARD if named else None)
    return str(raised.value)


def read(path: Path, format_name: str | None) -> None:
    with open_source(str(path), "utf-8") as source:
        form = format_of(source, format_name)
        Reading(source, form, form.delimiter.encode(), reject=Rejects().add)


@pytest.mark.parametrize("named", [False, True], ids=["format found", "format named"])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            zipped("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"),
            "an Excel workbook, not CSV. Save",
        ),
        (
            zipped("[Content_Types].xml", "xl/workbook.bin", "xl/worksheets/sheet1.bin"),
            "an Excel workbook, not CSV. Save",
        ),
        (zipped("mimetype", "content.xml"), "an OpenDocument file, such as a LibreOffice spreadsheet, not CSV. Save"),
        (zipped("[Content_Types].xml", "word/document.xml"), "a Word document, not CSV. Get"),
        (zipped("Index/Document.iwa", "Metadata/x.plist"), "a Numbers, Pages or Keynote document, not CSV. Export"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "an old (.xls) or password-protected Excel workbook"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n\x1b[31m,x\n", "a PDF document, not CSV. Get"),
        (b"\xef\xbb\xbf  %PDF-1.7\n", "a PDF document"),
        (rb"{\rtf1\ansi x}", "a document in Rich Text Format"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "an image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "an image"),
        (of_arrow("parquet"), "a Parquet file, not CSV. Convert"),
        (of_arrow("feather"), "an Arrow or Feather file, not CSV. Convert"),
        (b"SQLite format 3\0" + bytes(84), "an SQLite database, not CSV. Export"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive, not CSV. Unpack"),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
        (tarred(), "a tar archive, not CSV. Unpack"),
        (gzip.compress(tarred()), "a tar archive, not CSV. Unpack"),
        (b"\x7fELF\2\1\1", "a program"),
        (b"MZ\x90\0\3\0\0\0", "a program"),
        (b"\n<!DOCTYPE html>\n<html>", "a web page, not CSV. It may ask to log in"),
        (b"<HTML><HEAD><TITLE>502</TITLE>", "a web page"),
        (b'<?xml version="1.0"?>\n<Document>', "an XML file, not CSV"),
        (b'<Document xmlns="x"><GrpHdr>', "an XML file"),
        (b'[{"id": 1, "amount": 2},\n {"id": 2}]', "a JSON file, not CSV. Convert"),
        (b'{"id": 1}\n{"id": 2}\n', "a JSON file"),
        (
            b"-- MySQL dump 10.13\n--\n\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `x`;\n",
            "a file of SQL statements",
        ),
        (b"INSERT INTO payments VALUES (1, 'x');\n", "a file of SQL statements"),
        (b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n", "an encrypted or signed file (PGP), not CSV. Decrypt"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "a Git LFS pointer"),
        (b":20:STARTUMS\r\n:25:10020030/1234567\r\n", "a SWIFT account statement"),
        (b"OFXHEADER:100\nDATA:OFXSGML\n", "an account statement in OFX"),
        (bytes(5000), "a binary file, not CSV. Get"),
        (bytes(range(1, 256)) * 20, "a binary file, not CSV. Get"),
        (HEADER.encode("utf-16-le"), "text in UTF-16 without a byte order mark. Add --encoding utf-16-le."),
        (HEADER.encode("utf-16-be"), "text in UTF-16 without a byte order mark. Add --encoding utf-16-be."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_not_csv_is_named(tmp_path: Path, content: bytes, says: str, named: bool) -> None:
    said = refusal(tmp_path / "payments.csv", content, named=named)

    assert said.startswith(f"payments.csv: this is {says}")
    assert said.isprintable()


def test_an_archive_of_several_other_files_is_nothing_more(tmp_path: Path) -> None:
    said = refusal(tmp_path / "payments.zip", zipped("a.csv", "b.csv"))
    assert said.startswith("payments.zip: the zip archive holds 2 files (a.csv, b.csv), but must hold one.")


@pytest.mark.parametrize(
    "row",
    ["{8f6-1},{x},acme,1,paid,2019-06-01,", '"[x]",Acme,acme,1,paid,2019-06-01,', "%PDF-1,<html>,x,1,paid,2019-06-01,"],
)
def test_csv_that_begins_like_another_kind_is_csv(row: str) -> None:
    assert read_layout(row.encode(), read_formats()[STANDARD]).fields == 7


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", "Größe;Summe\n".encode(), "Größe".encode("cp1252"), b"\x1a", b"\f1\x0b2"]
)
def test_text_is_no_other_kind(content: bytes) -> None:
    assert kind_of(content, content) is None


def test_a_header_with_a_few_control_characters_is_shown_without_them(tmp_path: Path) -> None:
    said = refusal(tmp_path / "payments.csv", b"id\x1b[31m,na\x07me\n")
    assert "found 'id\\x1b[31m', 'na\\x07me'." in said


def test_text_in_the_wrong_encoding_has_no_kind(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_bytes("a;b\n".encode("utf-16-le"))
    with pytest.raises(HeaderError, match="the header lacks id"), open_source(str(path), "utf-16-le") as source:
        format_of(source, encoding="utf-16-le")


@pytest.mark.parametrize("repeated", [b"-- ", b"--\n", b"/**/", b"/*", b"/* */; ", b"<a", b"<a ", b"set ", b" "])
def test_what_repeats_itself_takes_no_longer_than_other_text(repeated: bytes) -> None:
    # With a pattern that reads it in more than one way, this would not end.
    head = repeated * 20_000 + b"x"

    assert kind_of(head, head) is None


def test_a_dump_begins_with_comments() -> None:
    head = (
        b"-- MySQL dump 10.13\r\n--\n-- Host: here\n\n/*!40101 SET NAMES utf8 */;\n/* a ** b */\nDROP TABLE payments;"
    )

    assert "SQL statements" in str(kind_of(head, head))
    assert kind_of(b"-- a note\nid,name\n", b"") is None
