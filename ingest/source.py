"""Read files as streams of UTF-8 bytes, regardless of their place, compression and encoding."""

import codecs
import contextlib
import errno
import hashlib
import io
import itertools
import os
import shlex
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from ingest.compression import Readable, compression_of, decompressed
from ingest.errors import SourceError
from ingest.remote import RemoteFile, is_remote, remote_name
from warehouse.texts import printable

_BLOCK_BYTES = 256 << 10

_STANDARD_INPUT = "-"

# Longest first, since the mark of UTF-32 starts as that of UTF-16 does.
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


class Source:
    """One input that is read once from start to end.

    Attributes:
        name: Name of the file without its directory, server and query, or `-`.
        size: Size of the file on disk in bytes; None for standard input and other inputs that are not regular files.
        content_bytes: Bytes of content read so far, after decompression and before decoding.
        encoding: Encoding of the content, as Python names it; a byte order mark may change it after the first block.
        compression: Its compression, such as `gzip`, or None; known after the first block.
        has_byte_order_mark: Whether the content begins with one; known after the first block in UTF-8.
    """

    def __init__(self, name: str, stream: Readable, size: int | None, encoding: str) -> None:
        self.name = name
        self.size = size
        self.content_bytes = 0
        self.encoding = known_encoding(encoding)
        self.compression: str | None = None
        self.has_byte_order_mark = False
        self._file = _Counted(stream, is_file=size is not None)
        self._hash = hashlib.sha256()
        self._content = self._read()
        self._head: list[bytes] = []

    @property
    def position(self) -> int:
        """Number of bytes of the file on disk that have been read."""
        return self._file.position

    @property
    def sha256(self) -> str:
        """SHA-256 digest of the content read so far; the same for a file and its compressed copy."""
        return self._hash.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """Yield the content in UTF-8, without a byte order mark. Bytes invalid in its encoding become invalid UTF-8.

        Raises:
            SourceError: The file cannot be read, or its compressed content is damaged.
        """
        content = self.content()
        first = next(content, b"")
        self.encoding, mark = _encoding_and_mark(first, self.encoding)
        self.has_byte_order_mark = bool(mark)
        first = first[len(mark) :]
        if self.encoding == "utf-8":
            yield first
            yield from content
        else:
            codecs.register_error("ingest.keep_invalid", _keep_invalid)
            decoder = codecs.getincrementaldecoder(self.encoding)("ingest.keep_invalid")
            try:
                for block in itertools.chain([first], content):
                    yield decoder.decode(block).encode("utf-8", "surrogatepass")
                yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
            except UnicodeError:
                raise SourceError(f"{self.name}: cannot be read as {self.encoding}. Change --encoding.") from None

    def head(self, size: int) -> bytes:
        """Return at least the first bytes of the decompressed content, or all of it. They are yielded later as well.

        Raises:
            SourceError: The file cannot be read, or its compressed content is damaged.
        """
        while sum(map(len, self._head)) < size and (block := next(self._content, None)) is not None:
            self._head.append(block)
        return b"".join(self._head)

    def content(self) -> Iterator[bytes]:
        """Yield the decompressed content in blocks; count and hash each. The first bytes identify the compression.

        Raises:
            SourceError: The file cannot be read, or its compressed content is damaged.
        """
        head, self._head = self._head, []
        return itertools.chain(head, self._content)

    def _read(self) -> Iterator[bytes]:
        try:
            file: io.BufferedReader = io.BufferedReader(self._file, _BLOCK_BYTES)
            self.compression = compression_of(file.peek())
            with decompressed(file) as stream:
                while block := stream.read(_BLOCK_BYTES):
                    self._hash.update(block)
                    self.content_bytes += len(block)
                    yield block
        except SourceError as error:
            raise SourceError(f"{self.name}: {error}") from None


class _Counted(io.RawIOBase):
    """A stream that counts the bytes read from it. Closing it does not close the underlying stream."""

    def __init__(self, stream: Readable, *, is_file: bool) -> None:
        self.position = 0
        self._stream = stream
        self._is_file = is_file

    def readable(self) -> bool:
        """Return True, which buffering requires."""
        return True

    def seekable(self) -> bool:
        """Return whether this is a file, which archives are read from in any order."""
        return self._is_file

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move in a file."""
        self.position = cast("BinaryIO", self._stream).seek(offset, whence)
        return self.position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the whole buffer unless the stream ends, even if a pipe delivers its first bytes one by one.

        Raises:
            SourceError: The stream cannot be read. An OSError would look like one of a decompressor.
        """
        try:
            block = self._stream.read(len(buffer))
            if block is None:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        except OSError as error:
            raise SourceError(f"cannot be read ({error.strerror or error}).") from None
        buffer[: len(block)] = block
        self.position += len(block)
        return len(block)


def source_name(path: str) -> str:
    """Return the name under which a file is loaded, which holds no directory, server, query or password.

    What is unprintable in it is escaped, since the name goes to reports, logs and raw.loads.
    """
    return remote_name(path) if is_elsewhere(path) else printable(Path(path).name)


@contextlib.contextmanager
def open_source(path: str, encoding: str) -> Iterator[Source]:
    """Open a file, or standard input for `-`.

    Args:
        path: Path or address of the file, or `-`. Compressed content is recognised by its first bytes.
        encoding: Encoding of content without a byte order mark.

    Raises:
        SourceError: The file does not exist or cannot be opened, or the encoding is unknown. Whether a file elsewhere
            exists is known when it is read.
    """
    if path == _STANDARD_INPUT:
        if sys.stdin is None:
            raise SourceError("Standard input is closed: name a file instead of -.")
        yield Source(path, sys.stdin.buffer, None, encoding)
        return
    if is_elsewhere(path):
        with contextlib.closing(RemoteFile(path)) as remote:
            yield Source(remote.name, remote, None, encoding)
        return
    if not path:
        raise SourceError("The name of the file is empty: name a file, such as data/payments.csv.")
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 - closed below, where errors of the caller are none of ours
    except IsADirectoryError:
        raise SourceError(f"{path}: this is a directory. Name its files, such as {_files_of(path)}.") from None
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}. Check the path and its permissions.") from None
    with stream:
        status = os.fstat(stream.fileno())
        yield Source(source_name(path), stream, status.st_size if stat.S_ISREG(status.st_mode) else None, encoding)


def _files_of(directory: str) -> str:
    """A pattern that matches the files of a directory, as one writes it in a shell."""
    return shlex.quote(str(Path(directory, "*.csv")))


def as_utf8(head: bytes, encoding: str) -> bytes:
    """Return the first bytes of a file in UTF-8, without a byte order mark. What is invalid there is replaced.

    Nothing is returned if the encoding makes nothing of them: that is refused where the file is read.
    """
    known, mark = _encoding_and_mark(head, known_encoding(encoding))
    try:
        text = codecs.getincrementaldecoder(known)("replace").decode(head[len(mark) :])
    except UnicodeError:
        return b""
    return text.encode("utf-8", "replace")


def content_sha256(path: str) -> str:
    """Return the SHA-256 digest of the content of a file, after decompression.

    Raises:
        SourceError: The file cannot be read, or its compressed content is damaged.
    """
    with open_source(path, "utf-8") as source:
        for _ in source.content():
            pass
        return source.sha256


def is_elsewhere(path: str) -> bool:
    """Return whether a path is an address, which it is not if there is a file of this name."""
    return is_remote(path) and not os.path.lexists(path)


def _encoding_and_mark(first: bytes, encoding: str) -> tuple[str, bytes]:
    """The encoding of a file that begins with these bytes, and its byte order mark; of another encoding, it is text."""
    mark = next((mark for mark in _BYTE_ORDER_MARKS if first.startswith(mark)), b"")
    if mark and encoding in ("utf-8", "utf-16", _BYTE_ORDER_MARKS[mark]):
        return _BYTE_ORDER_MARKS[mark], mark
    return encoding, b""


def known_encoding(name: str) -> str:
    """Return an encoding as Python names it.

    Raises:
        SourceError: Python does not know it.
    """
    try:
        b" ".decode(name, "replace")
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise SourceError(f"Unknown encoding {name!r}: use utf-8, utf-16, latin-1 or windows-1252.") from None


def _keep_invalid(error: UnicodeError) -> tuple[str, int]:
    """Decode bytes that are invalid in their encoding to code points that are invalid in UTF-8."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end
