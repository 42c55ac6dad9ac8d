"""Files and directories that appear whole or not at all."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast


@contextlib.contextmanager
def written_atomically(path: Path) -> Iterator[BinaryIO]:
    """A stream to a temporary file beside `path` that takes its place at the end, or is removed after an error.

    The directory is made if it is missing. Readers see the old file or the new one, even after a power cut.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield cast("BinaryIO", stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        _synchronise(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def directory_written_atomically(path: Path) -> Iterator[Path]:
    """A temporary directory beside `path`, which must not be there, that gets its name at the end, or is removed.

    Its name starts with a dot, which keeps readers of the parent directory out.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    try:
        yield temporary
        for file in (*temporary.iterdir(), temporary):
            _synchronise(file)
        temporary.chmod(0o777 & ~_umask())
        temporary.rename(path)
        _synchronise(path.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until nobody else holds the lock of this name, and hold it; it goes with the process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _synchronise(path: Path) -> None:
    """See to it that a file or directory outlives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    """The process's mask of new files, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
