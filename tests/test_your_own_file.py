"""docs/your-own-file.md comes out as it says, in a copy of what its commands read."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ingest import formats
from ingest.formats import COLUMNS, CONSTANTS, FURTHER_COLUMNS, STANDARD, read_formats
from tests.conftest import CHECKOUT

PAGE = CHECKOUT / "docs" / "your-own-file.md"
READ = ("dbt_project", "formats", "ingest", "warehouse")


def commands_and_output(page: str) -> list[tuple[str, list[str]]]:
    """Each command of the page, and the lines that it shows of what is printed."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.+?)^```", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.mark.slow
def test_the_page_comes_out_as_it_says(database: str, tmp_path: Path) -> None:
    for directory in READ:
        leave = shutil.ignore_patterns("target", "logs", "__pycache__")
        shutil.copytree(CHECKOUT / directory, tmp_path / directory, ignore=leave)
    shutil.copy(CHECKOUT / "profiles.yml", tmp_path)
    page = PAGE.read_text(encoding="utf-8")
    ((path, text),) = re.findall(r"Write `(.+)`:\n\n```toml\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    activate = tmp_path / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f'PATH="{Path(sys.executable).parent}:$PATH"\n')
    environment = {**os.environ, "PWD": str(tmp_path), "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"}
    commands = commands_and_output(page)
    assert len(commands) > 8

    refused = 0
    for command, shown in commands[1:]:
        # The first load is tried without the format.
        if refused == 1 and not (tmp_path / path).exists():
            (tmp_path / path).write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["/bin/sh", "-c", f"{commands[0][0]} && {command}"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        printed = done.stdout + done.stderr
        is_refused = any(line.startswith("Error: ") for line in shown)
        refused += is_refused
        assert (done.returncode != 0) == is_refused, f"{command}\n{printed}"
        lines = printed.splitlines()
        for line in shown:
            if line.endswith(" …"):
                assert any(one.startswith(line[:-1]) for one in lines), f"{line}\n{printed}"
            else:
                assert line in lines, f"{line}\n{printed}"
    assert refused == 2


def test_the_page_explains_each_key() -> None:
    explained = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    tables = {f"[{key}]" for key in formats._KEYS - {"title", "provider"}}
    keys = {"title", "provider", *formats._FILE_KEYS, *formats._CHOICES, *COLUMNS, *FURTHER_COLUMNS, *CONSTANTS}
    assert keys <= explained
    assert tables <= set(re.findall(r"`(\[\w+\])`", PAGE.read_text(encoding="utf-8")))


def test_the_page_names_each_shipped_format_and_what_has_to_be_set() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    named = {name: (title, set(re.findall(r"--set (\w+)=…", settings))) for name, title, settings in rows}
    assert named == {
        form.name: (form.title, set(form.lacks)) for form in read_formats().values() if form.name != STANDARD
    }
