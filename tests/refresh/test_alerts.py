"""Alerts through a real command and a real HTTP server."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from refresh import alerts
from refresh.alerts import alert_text, deliver
from refresh.errors import AlertError
from refresh.problems import WARNING, Problem
from refresh.settings import Settings
from tests.refresh.program import Receiver

BAD_FILE = Problem("load", "load_failed", "bad.csv")
WARNS = Problem("build", "test_warned", "reject_ratio", WARNING)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "_PAUSE_SECONDS", 0)


def test_a_webhook_gets_text_and_problems(receiver: Receiver) -> None:
    deliver([BAD_FILE, WARNS], "run-1", Settings(alert_webhook=receiver.address))

    (message,) = receiver.messages
    assert message["run_id"] == "run-1"
    assert [problem["id"] for problem in message["problems"]] == [BAD_FILE.id, WARNS.id]
    assert receiver.told == [("load_failed", "bad.csv", "error"), ("test_warned", "reject_ratio", "warning")]
    assert message["text"] == alert_text([BAD_FILE, WARNS])
    assert message["text"].startswith("transactions-warehouse: 2 new problems, 1 of them severe\n- error: bad.csv: ")


def test_a_command_gets_the_text_and_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "s3cr3t")
    monkeypatch.setenv("PUBLISH_URL", "mysql+pymysql://marts:s3cr3t@host/marts")
    monkeypatch.setenv("REFRESH_ALERT_WEBHOOK", "https://alerts.example.org/s3cr3t")
    script = "import os, sys; open(sys.argv[1], 'w').write(sys.stdin.read() + str(dict(os.environ)))"
    told = tmp_path / "told"

    deliver([BAD_FILE], "run-1", Settings(alert_command=(sys.executable, "-c", script, str(told))))

    assert told.read_text().startswith(alert_text([BAD_FILE]))
    assert "s3cr3t" not in told.read_text()


def test_a_long_list_is_cut_in_the_text_alone(receiver: Receiver) -> None:
    problems = [replace(BAD_FILE, subject=f"{number}.csv") for number in range(100)]

    deliver(problems, "run-1", Settings(alert_webhook=receiver.address))

    (message,) = receiver.messages
    assert message["text"].splitlines()[-1] == "- and 80 more"
    assert len(message["problems"]) == 100


def test_a_webhook_that_fails_for_a_moment_is_tried_again(receiver: Receiver) -> None:
    receiver.answers = [503, 500]

    deliver([BAD_FILE], "run-1", Settings(alert_webhook=receiver.address))

    assert len(receiver.messages) == 1


def test_what_does_not_take_an_alert_is_told_without_its_address(receiver: Receiver) -> None:
    receiver.answers = [404, 404, 404]
    with pytest.raises(AlertError, match=r"the webhook answered 404\. Check REFRESH_ALERT_WEBHOOK") as refusal:
        deliver([BAD_FILE], "run-1", Settings(alert_webhook=receiver.address))
    assert "secret-token" not in str(refusal.value)

    with pytest.raises(AlertError, match="cannot be reached") as refusal:
        deliver([BAD_FILE], "run-1", Settings(alert_webhook="http://127.0.0.1:1/secret-token"))
    assert "secret-token" not in str(refusal.value)

    with pytest.raises(AlertError, match=r"ALERT_COMMAND ended with exit code 7"):
        deliver([BAD_FILE], "run-1", Settings(alert_command=(sys.executable, "-c", "raise SystemExit(7)")))
    with pytest.raises(AlertError, match=r"ALERT_COMMAND cannot be run \(No such file or directory\)"):
        deliver([BAD_FILE], "run-1", Settings(alert_command=("/nowhere/mail",)))


def test_a_command_that_does_not_read_is_one_that_ended(tmp_path: Path) -> None:
    problems = [replace(BAD_FILE, subject="x" * 200 + str(number)) for number in range(10_000)]

    deliver(problems, "run-1", Settings(alert_command=("true",)))


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answers = [302, 302, 302]
    receiver.location = "/elsewhere"

    with pytest.raises(AlertError, match="answered 302"):
        deliver([BAD_FILE], "run-1", Settings(alert_webhook=receiver.address))

    assert receiver.requests == 3
