"""Thousands of strange requests, made up from the OpenAPI description: each answer must be one that it describes."""

import subprocess
import sys
from pathlib import Path

from number_api.access.api_keys import KeyScope, create_api_key
from tests.number_api.conftest import ServiceFactory
from tests.number_api.processes import Valkey

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


def test_no_request_that_can_be_made_up_gets_an_answer_that_is_not_described(
    start_service: ServiceFactory, valkey: Valkey, tmp_path: Path
) -> None:
    secret, key = create_api_key("schemathesis", frozenset(KeyScope))
    service = start_service(STORE_URL=valkey.url, RATE_LIMIT="off", KEYS=key.entry())
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run", "--checks", "all"]
    command += ["--max-examples", "25", "--generation-deterministic", "--no-color"]
    command += ["--header", f"Authorization: Bearer {secret}", f"{service.url}/docs/openapi.json"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No issues found" in result.stdout
    assert "Tested: 8" in result.stdout
    assert "internal-error" not in service.log()
    assert '"level":"error"' not in service.log()
