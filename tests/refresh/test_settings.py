"""The variables REFRESH_..."""

from pathlib import Path

import pytest

from refresh.settings import Settings
from tests.conftest import CHECKOUT
from warehouse.errors import SettingsError

SECRET = "https://alerts.example.org/hook/s3cr3t"


def test_nothing_set_is_the_documented_default() -> None:
    settings = Settings.from_environment({})

    assert settings == Settings()
    assert (settings.directory, settings.attempts, settings.backoff_seconds) == (CHECKOUT / ".refresh", 3, 30)
    assert settings.alert_command == ()
    assert settings.alert_webhook is None


def test_values_are_read(tmp_path: Path) -> None:
    (tmp_path / "webhook").write_text(f"{SECRET}\n")

    settings = Settings.from_environment(
        {
            "REFRESH_DIRECTORY": str(tmp_path),
            "REFRESH_ALERT_COMMAND": "mail -s 'the warehouse' ops@example.org",
            "REFRESH_ALERT_WEBHOOK_FILE": str(tmp_path / "webhook"),
            "REFRESH_METRICS_FILE": str(tmp_path / "warehouse.prom"),
            "REFRESH_ATTEMPTS": "5",
            "REFRESH_BACKOFF_SECONDS": "0",
            "REFRESH_STEP_SECONDS": "60",
            "DBT_TARGET_PATH": "/tmp/dbt",
        }
    )

    assert settings.alert_command == ("mail", "-s", "the warehouse", "ops@example.org")
    assert settings.alert_webhook == SECRET
    assert (settings.attempts, settings.backoff_seconds, settings.step_seconds) == (5, 0, 60)
    assert settings.dbt_target == Path("/tmp/dbt")
    assert "s3cr3t" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("REFRESH_ALERT_WEBHOKO", SECRET, "did you mean REFRESH_ALERT_WEBHOOK"),
        ("REFRESH_ALERT_WEBHOOK", "ftp://alerts.example.org/s3cr3t", "is not an address"),
        ("REFRESH_ALERT_WEBHOOK", "https:///s3cr3t", "is not an address"),
        ("REFRESH_ALERT_WEBHOOK", "https://alerts.example.org:99999/s3cr3t", "is not an address"),
        ("REFRESH_ALERT_WEBHOOK", "https://alerts.example.org/s3cr3t\nHost: x", "is not an address"),
        ("REFRESH_ALERT_WEBHOOK_FILE", "/nowhere/s3cr3t", "cannot be read"),
        ("REFRESH_ALERT_COMMAND", "mail 's3cr3t", "open quotation mark"),
        ("REFRESH_ATTEMPTS", "0", "number of 1 or more"),
        ("REFRESH_BACKOFF_SECONDS", "-1", "number of 0 or more"),
        ("REFRESH_STEP_SECONDS", "1h", "number of 1 or more"),
    ],
)
def test_what_cannot_be_used_is_refused_without_being_repeated(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as refusal:
        Settings.from_environment({name: value})

    assert "s3cr3t" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_address_in_a_file_that_cannot_be_used_is_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "webhook").write_text("ftp://alerts.example.org/s3cr3t")

    with pytest.raises(SettingsError, match="^REFRESH_ALERT_WEBHOOK_FILE is not an address"):
        Settings.from_environment({"REFRESH_ALERT_WEBHOOK_FILE": str(tmp_path / "webhook")})


def test_two_webhooks_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="unset one of them"):
        Settings.from_environment({"REFRESH_ALERT_WEBHOOK": SECRET, "REFRESH_ALERT_WEBHOOK_FILE": "/nowhere"})
