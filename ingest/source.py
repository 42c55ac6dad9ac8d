"""Files as streams of UTF-8 bytes, whatever their compression and encoding."""

import codecs
import contextlib
import errno
import gzip
import hashlib
import io
import itertools
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from ingest.errors import SourceError

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
_DAMAGED = "the compressed content is damaged, so get the file again"

_GZIP = b"\x1f\x8b"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Source:
    """One input, read once from front to back.

    Attributes:
        name: The file's name without its directory, or `-`.
        size: Bytes of the file as it lies on the disk; None for standard input.
        content_bytes: Bytes of the content so far, after decompression and before any decoding.
        encoding: The content's encoding, as Python names it; a byte order mark decides after the first block.
    """

    def __init__(self, name: str, stream: BinaryIO, size: int | None, encoding: str) -> None:
        self.name = name
        self.size = size
        self.content_bytes = 0
        self.encoding = _known_encoding(encoding)
        self._file = _Counted(stream)
        self._hash = hashlib.sha256()

    @property
    def position(self) -> int:
        """How many bytes of the file, as it lies on the disk, have been read."""
        return self._file.position

    @property
    def sha256(self) -> str:
        """Digest of the content read so far: the same for a file and its compressed copy."""
        return self._hash.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """The content in UTF-8, without a byte order mark. What is not valid in its encoding is not valid UTF-8 either.

        Raises:
            SourceError: The file cannot be read, or its compressed content is damaged.
        """
        content = self.content()
        first = next(content, b"")
        mark = next((mark for mark in _BYTE_ORDER_MARKS if first.startswith(mark)), b"")
        if mark and self.encoding in ("utf-8", "utf-16", _BYTE_ORDER_MARKS[mark]):
            self.encoding = _BYTE_ORDER_MARKS[mark]
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
                raise SourceError(f"{self.name}: cannot be read as {self.encoding}. Check --encoding.") from None

    def content(self) -> Iterator[bytes]:
        """The content after decompression, in blocks, each counted and hashed. Its first bytes tell the compression.

        Raises:
            SourceError: The file cannot be read, or its compressed content is damaged.
        """
        problem = "cannot be read"
        try:
            file = io.BufferedReader(self._file, _BLOCK_BYTES)
            stream: _Readable = file
            if file.peek().startswith(_GZIP):
                problem = _DAMAGED
                stream = gzip.GzipFile(fileobj=file)
            elif file.peek().startswith(_ZSTANDARD):
                import pyarrow as pa

                problem = _DAMAGED
                stream = cast("_Readable", pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd"))
            while block := stream.read(_BLOCK_BYTES):
                self._hash.update(block)
                self.content_bytes += len(block)
                yield block
        except (OSError, EOFError, zlib.error) as error:
            reason = (isinstance(error, OSError) and error.strerror) or error
            raise SourceError(f"{self.name}: {problem} ({reason}).") from None


class _Counted(io.RawIOBase):
    """A stream that says how far it has been read; to close it leaves the stream to its opener."""

    def __init__(self, stream: BinaryIO) -> None:
        self.position = 0
        self._stream = stream

    def readable(self) -> bool:
        """Yes; only a stream that says so can be buffered."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer; less only at the end, although a pipe may hand out its first bytes one by one."""
        block = self._stream.read(len(buffer))
        if block is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        buffer[: len(block)] = block
        self.position += len(block)
        return len(block)


@contextlib.contextmanager
def open_source(path: str, encoding: str) -> Iterator[Source]:
    """Open a file, or standard input for `-`.

    Args:
        path: The file; .gz and .zst content is recognised by its first bytes.
        encoding: Of content that does not start with a byte order mark.

    Raises:
        SourceError: There is no such file, it cannot be opened, or the encoding is unknown.
    """
    if path == _STANDARD_INPUT:
        if sys.stdin is None:
            raise SourceError("There is no standard input: it is closed.")
        yield Source(path, sys.stdin.buffer, None, encoding)
        return
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 - closed below, where errors of the caller are none of ours
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}. Check the path and its permissions.") from None
    with stream:
        status = os.fstat(stream.fileno())
        yield Source(Path(path).name, stream, status.st_size if stat.S_ISREG(status.st_mode) else None, encoding)


def content_sha256(path: str) -> str:
    """Digest of a file's content, after decompression.

    Raises:
        SourceError: The file cannot be read, or its compressed content is damaged.
    """
    with open_source(path, "utf-8") as source:
        for _ in source.content():
            pass
        return source.sha256


def _known_encoding(name: str) -> str:
    try:
        b" ".decode(name, "replace")
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise SourceError(f"Unknown encoding {name!r}: use utf-8, utf-16, latin-1 or windows-1252.") from None


def _keep_invalid(error: UnicodeError) -> tuple[str, int]:
    """Decode bytes that are invalid in their encoding to code points that UTF-8 does not allow."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end
