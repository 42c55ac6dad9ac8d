"""Files and directories that appear whole or not at all."""

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def written_atomically(path: Path) -> Iterator[Path]:
    """A path beside `path` for a file or a directory that takes its place at the end, or is removed after an error.

    The parent directory is made if it is missing. Readers see the old file or the new one, even after a power cut; a
    directory must not be there before. The name starts with a dot, which keeps readers of the parent directory out.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "there is something else than a file")
    missing = [directory for directory in path.parents if not directory.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        for made in (*temporary.rglob("*"), temporary):
            _synchronise(made)
        temporary.replace(path)
        for directory in (path.parent, *(directory.parent for directory in missing)):
            _synchronise(directory)
    except BaseException:
        remove(temporary)
        raise


def remove(path: Path) -> None:
    """Remove a file, or a directory with what is in it, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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
