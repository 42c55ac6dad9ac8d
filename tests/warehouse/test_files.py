"""Files and directories appear whole or not at all, with the rights that the caller's umask leaves."""

import os
import stat
from pathlib import Path

import pytest

from warehouse.files import written_atomically


def break_off(path: Path, *parts: str) -> None:
    """Fail with half of a file, or of a directory with these parts, written."""
    with written_atomically(path) as temporary:
        if parts:
            temporary.mkdir()
        for file in [temporary / part for part in parts] or [temporary]:
            file.write_text("half")
        raise RuntimeError


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_file_has_the_rights_that_the_umask_leaves(tmp_path: Path, mask: int, mode: int) -> None:
    callers_mask = os.umask(mask)
    try:
        with written_atomically(tmp_path / "new" / "file") as temporary:
            temporary.write_text("new")
    finally:
        os.umask(callers_mask)

    assert stat.S_IMODE((tmp_path / "new" / "file").stat().st_mode) == mode


def test_readers_see_the_old_file_until_the_new_one_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    with written_atomically(file) as temporary:
        temporary.write_text("new")
        assert file.read_text() == "old"

    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_an_error_leaves_the_old_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    with pytest.raises(RuntimeError):
        break_off(file)

    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_an_error_leaves_nothing_of_a_new_directory(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        break_off(tmp_path / "directory", "part")

    assert list(tmp_path.iterdir()) == []
