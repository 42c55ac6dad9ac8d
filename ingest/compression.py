"""Decompress a stream in blocks. Its first bytes identify the compression.

Several gzip, bzip2, xz or Zstandard members in one stream are read one after the other, as the command-line tools do.
Behind the last one of gzip, bzip2 and xz, zeros are padding. Anything else is damage, even where the tools ignore it:
it may be the rest of a member.
"""

import bz2
import contextlib
import gzip
import io
import lzma
import os
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol, cast

from ingest.errors import SourceError
from ingest.kinds import kind_of_archive
from warehouse.texts import printable

_BLOCK_BYTES = 256 << 10

_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22
_ZIP_COMMENT_BYTES = 1 << 16

# The list of an archive is read as a whole: this much of it is thousands of files, of which one is allowed.
_ZIP_LIST_BYTES = 1 << 20
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ZIP_ENCRYPTED = 0x1

# What macOS adds to an archive.
_ZIP_IGNORED = re.compile(r"__MACOSX/|(.*/)?\.DS_Store$")
_ZIP_NAMES_SHOWN = 3
_NAME_CHARACTERS = 60

# `xz -9` needs 65 MiB; the format allows 4 GiB.
_XZ_MEMORY_BYTES = 256 << 20

# Some reasons repeat a name from the archive, which may have 64 KiB.
_REASON_CHARACTERS = 200
_DAMAGED = "the compressed content is damaged ({reason}). Get a new copy of the file."
_ENDS_EARLY = "it ends prematurely"

# All that the decompressors of the standard library and of Arrow raise for content that they cannot read.
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    OverflowError,
    RuntimeError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at least one byte and at most `size`; none at the end of the stream."""


def compression_of(first: bytes) -> str | None:
    """Return the name of the compression of content that begins with these bytes; None if it is not compressed."""
    found = (name for name, signature in _SIGNATURES.items() if re.match(signature, first, re.DOTALL))
    return next(found, None)


@contextlib.contextmanager
def decompressed(file: io.BufferedReader) -> Iterator[Readable]:
    """Return the content of a stream that may be compressed.

    Args:
        file: The stream at its first byte. It has to raise SourceError, not OSError, if it cannot be read.

    Raises:
        SourceError: The content is damaged, or an archive holds something else than one file.
    """
    compression = compression_of(file.peek())
    if compression is None:
        yield file
        return
    try:
        with _OPENERS[compression](file) as stream:
            yield stream
    except _DAMAGE as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error) or _ENDS_EARLY
        raise SourceError(_DAMAGED.format(reason=reason[:_REASON_CHARACTERS])) from None


@contextlib.contextmanager
def _gzip(file: io.BufferedReader) -> Iterator[Readable]:
    yield cast("Readable", gzip.GzipFile(fileobj=file))


@contextlib.contextmanager
def _zstandard(file: io.BufferedReader) -> Iterator[Readable]:
    import pyarrow as pa

    yield cast("Readable", pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd"))


@contextlib.contextmanager
def _bzip2(file: io.BufferedReader) -> Iterator[Readable]:
    yield _Members(file, bz2.BZ2Decompressor)


@contextlib.contextmanager
def _xz(file: io.BufferedReader) -> Iterator[Readable]:
    try:
        yield _Members(file, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES))
    except lzma.LZMAError as error:
        if "Memory usage limit" in str(error):
            raise SourceError(
                f"decompressing it needs more than {_XZ_MEMORY_BYTES >> 20} MiB of memory. Compress it with xz -9."
            ) from None
        raise


class _Members:
    """The content of compressed members that follow each other. bz2.BZ2File and lzma.LZMAFile ignore damage there."""

    def __init__(self, file: io.BufferedReader, new: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]) -> None:
        self._file = file
        self._new = new
        self._member = new()

    def read(self, size: int, /) -> bytes:
        while True:
            block = b""
            if self._member.eof:
                block = self._member.unused_data.lstrip(b"\0")
                while not block:
                    padding = self._file.read(_BLOCK_BYTES)
                    if not padding:
                        return b""
                    block = padding.lstrip(b"\0")
                self._member = self._new()
            elif self._member.needs_input:
                block = self._file.read(_BLOCK_BYTES)
                if not block:
                    raise EOFError(_ENDS_EARLY)
            if content := self._member.decompress(block, size):
                return content


@contextlib.contextmanager
def _zip(file: io.BufferedReader) -> Iterator[Readable]:
    """Open the one file of an archive, whose list stands at its end: a pipe is copied to a temporary file first."""
    with contextlib.ExitStack() as stack:
        seekable = cast("io.RawIOBase", file.raw) if file.seekable() else stack.enter_context(_temporary_copy(file))
        seekable.seek(0)
        reader = _ZipReader(seekable)
        stack.callback(reader.detach)
        archive = stack.enter_context(zipfile.ZipFile(reader))
        _check_ends(archive, reader)
        yield cast("Readable", stack.enter_context(archive.open(_only_file(archive))))


class _ZipReader(io.BufferedReader):
    """Refuses to read more at once than an archive of one file needs."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__(raw, _BLOCK_BYTES)

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = _ZIP_LIST_BYTES
        if size > _ZIP_LIST_BYTES:
            raise SourceError(
                "the zip archive lists too many files, but must hold one. Unpack it and load its files by name."
            )
        return super().read(size)


def _check_ends(archive: zipfile.ZipFile, reader: _ZipReader) -> None:
    """Raise BadZipFile if there is something before or behind the archive, such as another archive."""
    length = reader.seek(0, os.SEEK_END)
    reader.seek(max(length - _ZIP_END_BYTES - _ZIP_COMMENT_BYTES, 0))
    tail = reader.read()
    behind = tail[tail.rfind(_ZIP_END) + _ZIP_END_BYTES + len(archive.comment) :]
    if behind.strip(b"\0"):
        raise zipfile.BadZipFile("the archive ends before the file does")
    if min((entry.header_offset for entry in archive.infolist()), default=0) != 0:
        raise zipfile.BadZipFile("the archive does not start where the file does")


def _only_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    files = [
        entry
        for entry in archive.infolist()
        if not entry.filename.endswith("/") and not _ZIP_IGNORED.match(entry.filename)
    ]
    if not files:
        raise SourceError("the zip archive holds no file, but must hold one. Zip the CSV file again.")
    if kind := kind_of_archive({entry.filename for entry in files}):
        raise SourceError(str(kind))
    if len(files) > 1:
        names = ", ".join(_shown(entry.filename) for entry in files[:_ZIP_NAMES_SHOWN])
        more = f" and {len(files) - _ZIP_NAMES_SHOWN} more" if len(files) > _ZIP_NAMES_SHOWN else ""
        raise SourceError(
            f"the zip archive holds {len(files)} files ({names}{more}), but must hold one. "
            "Unpack it and load its files by name."
        )
    [file] = files
    if file.flag_bits & _ZIP_ENCRYPTED:
        raise SourceError("the zip archive is encrypted. Unpack it and load the file in it.")
    # zipfile decompresses the other methods in blocks of any size.
    if file.compress_type not in _ZIP_METHODS:
        raise SourceError(
            f"the zip archive is compressed with method {file.compress_type}. "
            "Pack it again with deflate, the default of zip tools."
        )
    return file


def _shown(name: str) -> str:
    shown = printable(name[:_NAME_CHARACTERS])
    return shown if len(name) <= _NAME_CHARACTERS else f"{shown}..."


@contextlib.contextmanager
def _temporary_copy(file: io.BufferedReader) -> Iterator[io.RawIOBase]:
    with contextlib.ExitStack() as stack:
        try:
            copy = stack.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(file, copy, _BLOCK_BYTES)
            copy.flush()
        except OSError as error:
            raise SourceError(
                f"the temporary copy of the zip archive cannot be written ({error.strerror or error}). "
                "Free disk space, set TMPDIR to another directory, or name a file on the disk."
            ) from None
        yield copy.raw


# Regular expressions of the first bytes. "BZh" alone could be text.
_SIGNATURES = {
    "gzip": rb"\x1f\x8b",
    "zstandard": rb"\x28\xb5\x2f\xfd",
    "bzip2": rb"BZh[1-9](1AY&SY|\x17\x72\x45\x38\x50\x90)",
    "xz": rb"\xfd7zXZ\x00",
    "zip": rb"PK(\x03\x04|\x05\x06)",
}
_OPENERS = {"gzip": _gzip, "zstandard": _zstandard, "bzip2": _bzip2, "xz": _xz, "zip": _zip}
