"""Tell somebody of problems: a command that gets the text on standard input, a webhook that gets JSON, or both."""

import http.client
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from email.message import Message
from typing import IO, Any

from refresh.errors import AlertError
from refresh.problems import ERROR, Problem
from refresh.settings import Settings

_ATTEMPTS = 3
_PAUSE_SECONDS = 2
_TIMEOUT_SECONDS = 30

# A message is to be read; whoever wants all of them looks at the list in the JSON, the log or the report.
_LISTED_PROBLEMS = 20

TEST = Problem("test", "test_alert", "alert", id="00000000-0000-0000-0000-000000000000")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Keeps an alert from being sent anywhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Follow no redirect, which is then an error."""


def has_outlet(settings: Settings) -> bool:
    """Return whether there is anybody to tell."""
    return bool(settings.alert_command or settings.alert_webhook)


def alert_text(problems: Sequence[Problem]) -> str:
    """Return what an alert says. It holds names of files, tests and models, and nothing of what is in the files."""
    errors = sum(problem.severity == ERROR for problem in problems)
    count = f"{len(problems)} new problem{'s' if len(problems) != 1 else ''}"
    lines = [f"transactions-warehouse: {count}, {errors} of them severe"]
    lines += [f"- {problem.severity}: {problem.summary} {problem.advice}" for problem in problems[:_LISTED_PROBLEMS]]
    if len(problems) > _LISTED_PROBLEMS:
        lines.append(f"- and {len(problems) - _LISTED_PROBLEMS} more")
    return "\n".join(lines) + "\n"


def deliver(problems: Sequence[Problem], run_id: str, settings: Settings) -> None:
    """Tell of problems through all outlets.

    Args:
        problems: At least one problem; the first ones are listed in the text.
        run_id: The run that found them.
        settings: The outlets.

    Raises:
        AlertError: An outlet did not take the alert. Another one may have.
    """
    text = alert_text(problems)
    failures = []
    if settings.alert_command:
        failures += _tried(lambda: _run_command(settings.alert_command, text))
    if settings.alert_webhook:
        message = {"text": text, "run_id": run_id, "problems": [problem.to_dict() for problem in problems]}
        failures += _tried(lambda: _post(str(settings.alert_webhook), message))
    if failures:
        raise AlertError("The alert was not delivered: " + "; ".join(failures))


def _tried(deliver: Callable[[], str | None]) -> list[str]:
    """Deliver, again if need be; return why it failed, if it did."""
    pause = _PAUSE_SECONDS
    for number in range(1, _ATTEMPTS + 1):
        failure = deliver()
        if failure is None:
            return []
        if number < _ATTEMPTS:
            time.sleep(pause)
            pause *= 2
    return [str(failure)]


def _run_command(command: Sequence[str], text: str) -> str | None:
    """Run a command; return what is wrong. It gets none of the variables that select a server and log in there."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "PUBLISH_", "REFRESH_"))
    }
    try:
        done = subprocess.run(
            command,
            input=text,
            text=True,
            encoding="utf-8",
            env=environment,
            stdout=subprocess.DEVNULL,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"REFRESH_ALERT_COMMAND took more than {_TIMEOUT_SECONDS} s."
    except OSError as error:
        return f"REFRESH_ALERT_COMMAND cannot be run ({error.strerror or error}): check its path and permissions."
    return f"REFRESH_ALERT_COMMAND ended with exit code {done.returncode}." if done.returncode else None


def _post(address: str, message: dict[str, Any]) -> str | None:
    """Post a message; return what is wrong without the address, which may hold a password."""
    request = urllib.request.Request(
        address,
        data=json.dumps(message).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "transactions-warehouse"},
        method="POST",
    )
    try:
        urllib.request.build_opener(_NoRedirects).open(request, timeout=_TIMEOUT_SECONDS).close()
    except urllib.error.HTTPError as error:
        error.close()
        return f"the webhook answered {error.code}. Check REFRESH_ALERT_WEBHOOK."
    except urllib.error.URLError as error:
        reason = error.reason.strerror if isinstance(error.reason, OSError) else None
        return f"the webhook cannot be reached ({reason or 'no answer'}). Check REFRESH_ALERT_WEBHOOK."
    except (OSError, ValueError, http.client.HTTPException):
        return "the webhook cannot be reached (no valid answer). Check REFRESH_ALERT_WEBHOOK."
    return None
