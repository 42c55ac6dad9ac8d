"""What the commands tell when they cannot do what they are asked."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.number_api.processes import CHECKOUT, Valkey, free_port

SERVE = [sys.executable, "-m", "number_api", "serve"]


def run(command: list[str], **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBER_API_")}
    environment |= {f"NUMBER_API_{name}": value for name, value in settings.items()}
    return subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"RATE_LIMIT": "hunter2"}, "NUMBER_API_RATE_LIMIT: must be a rate such as 600/minute or 10/second, or off"),
        ({"WORKERS": "2"}, "Several workers need a store to share the numbers: set NUMBER_API_STORE_URL"),
        ({"KEY": "hunter2"}, "NUMBER_API_KEY: no such setting; did you mean NUMBER_API_KEYS"),
        ({"FORWARDED_FIELD": "hunter2"}, "NUMBER_API_FORWARDED_FIELD: must be X-Forwarded-For or Forwarded"),
        ({"IDLE_SECONDS": "0"}, "NUMBER_API_IDLE_SECONDS: must be a whole number from 1 to 3600"),
        ({"HOST": "203.0.113.7"}, "Cannot listen on 203.0.113.7 port 8000: Cannot assign requested address"),
        ({"HOST": "no..host"}, "Cannot listen on no..host port 8000: not a valid host name"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(settings: dict[str, str], line: str) -> None:
    result = run(SERVE, **settings)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", f"Error: {line}\n")


def test_a_valkey_of_a_cluster_stops_the_start_with_one_line(tmp_path: Path) -> None:
    # By itself it would take a second port that may be that of a connection.
    with Valkey(tmp_path, **{"cluster-enabled": "yes", "cluster-port": str(free_port())}) as valkey:
        result = run(SERVE, STORE_URL=valkey.url)
    line = "Error: NUMBER_API_STORE_URL: this Valkey belongs to a cluster; use a standalone one\n"
    assert (result.returncode, result.stdout, result.stderr) == (1, "", line)


def test_a_port_that_is_taken_is_not_shared_and_an_option_goes_before_its_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run([*SERVE, "--port", str(port)], PORT="1")
    assert (result.returncode, result.stdout) == (1, "")
    assert (
        result.stderr
        == f"Error: Cannot listen on 127.0.0.1 port {port}: Address already in use. Choose another --port\n"
    )
