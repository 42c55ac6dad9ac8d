"""Write files and directories completely or not at all."""

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def written_atomically(path: Path) -> Iterator[Path]:
    """Yield a temporary path for a file or directory that replaces `path` at the end, or is removed after an error.

    The parent directory is created if it does not exist. Readers see the old file or the new one, even after a power
    failure; a directory must not exist before. The temporary name starts with a dot, so that readers of the parent
    directory ignore it.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "the path exists and is not a file")
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
    """Remove a file, or a directory and its contents, if it exists."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path: Path, on_wait: Callable[[], object] = lambda: None) -> Iterator[int]:
    """Wait for the lock of this name and hold it; call `on_wait` first if another process holds it.

    The value is the descriptor that holds the lock. The lock is released when the process ends, however it ends, and
    when all processes have ended that inherited the descriptor.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield stream.fileno()


def _synchronise(path: Path) -> None:
    """Write a file or directory to the disk, so that it survives a power failure."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
