"""Files that appear whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path

from report.errors import OutputError


def write_atomically(path: Path, text: str) -> None:
    """Write a file in UTF-8; who reads it sees the old one or the new one. Makes the directory if it is missing.

    Raises:
        OutputError: it cannot be written; nothing has changed.
    """
    unfinished = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        unfinished = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0o077)
        os.umask(mask)
        unfinished.chmod(0o666 & ~mask)
        unfinished.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}. Choose another --output.") from None
    finally:
        if unfinished is not None:
            with contextlib.suppress(OSError):
                unfinished.unlink()
