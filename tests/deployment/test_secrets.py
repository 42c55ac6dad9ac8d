"""What `make secrets` makes, and that it changes nothing that is there."""

import hashlib
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from number_api.access.api_keys import find_api_key, parse_api_keys
from tests.conftest import CHECKOUT

PASSWORDS = ("migrator_password", "loader_password", "transformer_password", "reporter_password")
UNMOUNTED = ("ca.key", "number_api_key")


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    shutil.copy2(CHECKOUT / "deploy" / "make-secrets", tmp_path / "deploy")
    make(tmp_path / "secrets")
    return tmp_path / "secrets"


def make(secrets: Path) -> str:
    script = secrets.parent / "deploy" / "make-secrets"
    return subprocess.run([script], check=True, capture_output=True, text=True, cwd="/").stdout


def contents(secrets: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in secrets.iterdir()}


def test_every_secret_is_random_and_nobody_else_can_reach_it(secrets: Path) -> None:
    values = [(secrets / name).read_text().strip() for name in (*PASSWORDS, "number_api_key")]

    assert len(set(values)) == len(values)
    assert {len(value) for value in values} == {64}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    for path in secrets.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if path.name in UNMOUNTED else 0o644)


def test_nothing_that_is_there_is_changed(secrets: Path) -> None:
    before = contents(secrets)

    assert make(secrets) == ""
    assert contents(secrets) == before

    (secrets / "loader_password").unlink()
    assert make(secrets) == "secrets/loader_password\n"
    after = contents(secrets)
    assert after.keys() == before.keys()
    assert [name for name in after if after[name] != before[name]] == ["loader_password"]


def test_the_key_opens_the_api_and_is_not_in_what_the_api_is_given(secrets: Path) -> None:
    key, entry = (secrets / "number_api_key").read_text().strip(), (secrets / "number_api_keys").read_text()

    found = find_api_key(parse_api_keys(entry), key.encode())

    assert found is not None
    assert found.name == "operator"
    assert found.digest == hashlib.sha256(key.encode()).digest()
    assert key not in entry


@pytest.mark.parametrize("server", ["database", "valkey"])
def test_certificates_are_signed_for_their_server_alone(secrets: Path, server: str) -> None:
    def verified(name: str) -> bool:
        command = ["openssl", "verify", "-CAfile", "ca.crt", "-verify_hostname", name, f"{server}.crt"]
        return subprocess.run(command, cwd=secrets, capture_output=True, check=False).returncode == 0

    assert verified(server)
    assert not verified("elsewhere")


def test_a_new_authority_signs_new_certificates(secrets: Path) -> None:
    (secrets / "ca.key").unlink()

    made = make(secrets).split()

    assert made == ["secrets/ca.key", "secrets/ca.crt", "secrets/database.crt", "secrets/valkey.crt"]
