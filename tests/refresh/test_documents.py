"""What docs/operations.md, .env.example and deploy/systemd say of runs."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from refresh import problems
from refresh.metrics import metrics_text
from refresh.settings import Settings
from tests.conftest import CHECKOUT
from tests.refresh.test_metrics import RUN, STATE

OPERATIONS = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
EXAMPLE = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
UNITS = CHECKOUT / "deploy" / "systemd"


def section(title: str) -> str:
    """The text below a title, up to the next title."""
    return re.split(r"\n##+ ", OPERATIONS.split(f"\n### {title}\n")[1])[0]


def test_all_settings_are_documented_with_their_defaults() -> None:
    rows = dict(re.findall(r"\n\| `(REFRESH_\w+)` \| (.+?) \|", section("Alerts")))
    example = dict(re.findall(r"\n# (REFRESH_\w+)=(.*)", EXAMPLE))

    assert {**rows, "REFRESH_ALERT_WEBHOOK_FILE": "none"} == {
        name: f"`{value}`" if value else "none" for name, value in example.items()
    }
    # An unknown name would be refused.
    given = {name: value for name, value in example.items() if name != "REFRESH_DIRECTORY"}
    assert Settings.from_environment(given) == Settings()
    for name in example:
        Settings.from_environment({name: ""})


def test_all_metrics_are_documented_with_their_labels() -> None:
    documented = dict(re.findall(r"\n\| `(\w+)` \| `?(\w*)`? ?\|", section("Metrics")))

    actual = {
        sample.name.removeprefix("warehouse_refresh_"): "".join(sample.labels)
        for family in text_string_to_metric_families(metrics_text(RUN, STATE).decode())
        for sample in family.samples
    }
    assert documented == actual
    watched = set(re.findall(r"warehouse_refresh_(\w+)", OPERATIONS))
    assert watched <= set(actual) | {""}


def test_all_kinds_of_problems_are_documented() -> None:
    documented = set(re.findall(r"\| `(\w+)` \| (?:error|warning)", section("Alerts")))

    assert documented == set(problems._SENTENCES) - {"test_alert"}


def test_the_units_start_what_is_there() -> None:
    service = (UNITS / "warehouse-refresh.service").read_text()
    (directory,) = re.findall(r"^WorkingDirectory=(.+)$", service, re.MULTILINE)

    assert re.findall(r"^ExecStart=(.+)$", service, re.MULTILINE) == [f"{directory}/.venv/bin/python -m refresh"]
    assert f"PathChanged={directory}/data\n" in (UNITS / "warehouse-refresh.path").read_text()
    assert directory in section("A timer")
    for unit in UNITS.iterdir():
        assert unit.stem == "warehouse-refresh"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        # It looks for the program and the account.
        text = unit.read_text().replace("/opt/transactions-warehouse/.venv/bin/python", "/bin/true")
        (tmp_path / unit.name).write_text(text.replace("/opt/transactions-warehouse", str(tmp_path)))

    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )

    said = [line for line in done.stderr.splitlines() if "warehouse-refresh" in line]
    assert (said, done.returncode) == ([], 0)


@pytest.mark.compose
def test_compose_understands_the_override(tmp_path: Path) -> None:
    override = re.findall(r"```yaml\n(services:.*?)```", section("A timer"), re.DOTALL)[0]
    (tmp_path / "override.yml").write_text(override)

    done = subprocess.run(
        [
            "docker",
            "compose",
            "-f",
            "docker-compose.yml",
            "-f",
            str(tmp_path / "override.yml"),
            "config",
            "--format=json",
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )

    configuration = json.loads(done.stdout)
    service = configuration["services"]["data-processor"]
    assert set(service["networks"]) == {"warehouse", "alerts"}
    assert {secret["source"] for secret in service["secrets"]} >= {"alert_webhook", "loader_password"}
    assert not configuration["networks"]["alerts"].get("internal", False)
    targets = {volume["target"] for volume in service["volumes"]}
    assert {"/metrics", "/app/.refresh", "/app/data"} <= targets
    for name, value in service["environment"].items():
        if name.startswith("REFRESH_") and not name.endswith("_FILE"):
            Settings.from_environment({name: value})
