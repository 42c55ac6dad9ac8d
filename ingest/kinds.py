"""Say what a file is that is not CSV, by its first bytes. Pure functions: no file, no database.

This explains why a file cannot be loaded. It never decides that: text that begins like one of these may be CSV.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from ingest.encodings import guess_utf_16

_SAVE_SHEET = "Save the sheet that holds the payments as CSV, in UTF-8, and load that file."
_ASK = "Get the payments from its sender as a CSV file."
_CONVERT = "Convert it to CSV, for example with pandas or DuckDB, and load that file."
_EXPORT = "Export the payments from it as CSV and load that file."
_UNPACK = "Unpack it and load the files in it."

# Text has hardly any control characters but these.
_NO_TEXT = bytes(set(range(32)) - set(b"\t\n\f\r\x1a\x1b")) + b"\x7f"
_MOST_CONTROLS = 0.02
_FEW_CONTROLS = 5


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        what: What it is, as the end of a sentence.
        advice: What to do with it, as sentences.
    """

    what: str
    advice: str

    def __str__(self) -> str:
        """What is said of such a file."""
        return f"{self.what}. {self.advice}"


def kind_of(head: bytes, sample: bytes) -> Kind | None:
    """Return what a file is that cannot be read as CSV; None if it may be CSV.

    Args:
        head: Its first bytes, decompressed.
        sample: The same, decoded to UTF-8 in the encoding of the file.
    """
    for signature, kind in _SIGNATURES:
        if signature.match(head):
            return kind
    if b"\0" in sample and (encoding := guess_utf_16(head)):
        return Kind("this is text in UTF-16 without a byte order mark", f"Add --encoding {encoding}.")
    controls = len(sample) - len(sample.translate(None, _NO_TEXT))
    if b"\0" in sample or controls > max(_FEW_CONTROLS, _MOST_CONTROLS * len(sample)):
        return _kind("a binary file", _ASK)
    return None


def kind_of_archive(names: Collection[str]) -> Kind | None:
    """Return what a zip archive is, by the names of the files in it; None if it is nothing but an archive."""
    return next((kind for name, kind in _ARCHIVES.items() if name in names), None)


def _kind(name: str, advice: str) -> Kind:
    return Kind(f"this is {name}, not CSV", advice)


_EXCEL = _kind("an Excel workbook", _SAVE_SHEET)

# The first that is there counts.
_ARCHIVES = {
    "xl/workbook.xml": _EXCEL,
    "xl/workbook.bin": _EXCEL,
    "word/document.xml": _kind("a Word document", _ASK),
    "ppt/presentation.xml": _kind("a PowerPoint presentation", _ASK),
    "[Content_Types].xml": _kind("an Office document", _ASK),
    "Index/Document.iwa": _kind("a Numbers, Pages or Keynote document", _EXPORT),
    "Index.zip": _kind("a Numbers, Pages or Keynote document", _EXPORT),
    # Of OpenDocument, which calls it so in each of its kinds.
    "mimetype": _kind("an OpenDocument file, such as a LibreOffice spreadsheet", _SAVE_SHEET),
    "META-INF/MANIFEST.MF": _kind("a Java archive", _ASK),
}

_IMAGE = _kind("an image", _ASK)
_PROGRAM = _kind("a program", _ASK)
_SQL = _kind("a file of SQL statements", "Run them in a database, export the table as CSV and load that file.")
_STATEMENT = "Export the payments as CSV from the original program, or convert it."

_SIGNATURES = tuple(
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:%b)" % signature if is_text else signature, re.DOTALL | re.IGNORECASE), kind)
    for is_text, signature, kind in (
        (True, rb"%PDF-", _kind("a PDF document", _ASK)),
        (
            False,
            rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            _kind("an old (.xls) or password-protected Excel workbook, or another Office document", _SAVE_SHEET),
        ),
        (True, rb"{\\rtf", _kind("a document in Rich Text Format", _ASK)),
        (False, rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF.{4}WEBP", _IMAGE),
        (False, rb"PAR1|PARE", _kind("a Parquet file", _CONVERT)),
        (False, rb"ARROW1|FEA1", _kind("an Arrow or Feather file", _CONVERT)),
        (False, rb"ORC[\0-\x1f]", _kind("an ORC file", _CONVERT)),
        (False, rb"Obj\x01", _kind("an Avro file", _CONVERT)),
        (False, rb"SQLite format 3\0", _kind("an SQLite database", _EXPORT)),
        (False, rb".{4}Standard (Jet|ACE) DB", _kind("an Access database", _EXPORT)),
        (False, rb"PGDMP", _kind("a PostgreSQL backup", "Restore it, export the table as CSV and load that file.")),
        (False, rb"7z\xbc\xaf\x27\x1c", _kind("a 7z archive", _UNPACK)),
        (False, rb"Rar!\x1a\x07", _kind("a RAR archive", _UNPACK)),
        (False, rb"MSCF\0", _kind("a cabinet archive", _UNPACK)),
        (False, rb".{257}ustar", _kind("a tar archive", _UNPACK)),
        (
            False,
            rb"\x04\x22\x4d\x18|\xff\x06\0\0sNaPpY|\x1f[\x9d\xa0]",
            _kind("a file in an unsupported compression format", _UNPACK),
        ),
        (False, rb"\x7fELF|MZ.{,64}\0", _PROGRAM),
        (
            True,
            rb"<!doctype html|<html[\s>]",
            _kind(
                "a web page",
                "It may ask to log in or report an error: look at it in a browser, and download the file again.",
            ),
        ),
        (True, rb"<\?xml|<[a-z][^<>]*>\s*<", _kind("an XML file", _STATEMENT)),
        (True, rb'[{\[]\s*["{\[\]}]', _kind("a JSON file", _CONVERT)),
        (
            True,
            rb"-----BEGIN PGP ",
            _kind("an encrypted or signed file (PGP)", "Decrypt it, for example with gpg, and load the result."),
        ),
        (True, rb"-----BEGIN ", _kind("a key or a certificate", "Keep it safe, and name another file.")),
        (True, rb"version https://git-lfs", _kind("a Git LFS pointer", "Get the file itself with git lfs pull.")),
        (
            True,
            # In one way only, whatever is in the comments: otherwise it tries more ways than a file has bytes.
            rb"(--[^\r\n]*[\r\n]\s*|/\*([^*]|\*(?!/))*\*/[\s;]*)*((insert|replace)\s+into|create\s+(table|database)|drop\s+table|set\s+\w+\s*=)\s",
            _SQL,
        ),
        (True, rb":20:|{1:F01", _kind("a SWIFT account statement, such as MT940", _STATEMENT)),
        (True, rb"OFXHEADER|<OFX>", _kind("an account statement in OFX", _STATEMENT)),
        (True, rb"!(Type|Account|Option):", _kind("an account statement in QIF", _STATEMENT)),
    )
)
