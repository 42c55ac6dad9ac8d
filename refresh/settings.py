"""Settings from the environment other than the server. No other module of this package reads them there."""

import difflib
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from warehouse.errors import SettingsError
from warehouse.secrets import secret
from warehouse.settings import CHECKOUT

_PREFIX = "REFRESH_"
_NAMES = (
    "REFRESH_DIRECTORY",
    "REFRESH_ALERT_COMMAND",
    "REFRESH_ALERT_WEBHOOK",
    "REFRESH_ALERT_WEBHOOK_FILE",
    "REFRESH_METRICS_FILE",
    "REFRESH_ATTEMPTS",
    "REFRESH_BACKOFF_SECONDS",
    "REFRESH_STEP_SECONDS",
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings and their defaults.

    Attributes:
        directory: Directory of the lock, of what a run leaves to the next one, and of dbt's log.
        dbt_target: Directory of what dbt writes besides, from DBT_TARGET_PATH; by default one that no other dbt uses.
        dbt_profiles: Directory of profiles.yml, from DBT_PROFILES_DIR.
        alert_command: Program and arguments that get an alert on standard input; empty for none.
        alert_webhook: Address that alerts are posted to; None for none.
        metrics_file: File of the metrics; None for none.
        attempts: How often a step is tried.
        backoff_seconds: Pause before the second attempt; each further one is twice as long.
        step_seconds: Time after which an attempt is ended.
    """

    directory: Path = CHECKOUT / ".refresh"
    dbt_target: Path = directory / "dbt"
    dbt_profiles: Path = CHECKOUT
    alert_command: tuple[str, ...] = ()
    # Most webhooks have their password in the address.
    alert_webhook: str | None = field(default=None, repr=False)
    metrics_file: Path | None = None
    attempts: int = 3
    backoff_seconds: int = 30
    step_seconds: int = 6 * 60 * 60

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings from the variables that are set and not empty.

        Raises:
            SettingsError: A variable is unknown or has no usable value. Values are not repeated: they may be secret.
        """
        given = {name: value for name, value in environment.items() if name.startswith(_PREFIX) and value.strip()}
        _refuse_unknown(given)
        metrics_file = given.get("REFRESH_METRICS_FILE")
        directory = Path(given.get("REFRESH_DIRECTORY", cls.directory)).resolve()
        return cls(
            directory=directory,
            dbt_target=Path(environment.get("DBT_TARGET_PATH") or directory / "dbt"),
            dbt_profiles=Path(environment.get("DBT_PROFILES_DIR") or cls.dbt_profiles),
            alert_command=_command(given),
            alert_webhook=_webhook(given),
            metrics_file=Path(metrics_file) if metrics_file else None,
            attempts=_number(given, "REFRESH_ATTEMPTS", cls.attempts, least=1),
            backoff_seconds=_number(given, "REFRESH_BACKOFF_SECONDS", cls.backoff_seconds, least=0),
            step_seconds=_number(given, "REFRESH_STEP_SECONDS", cls.step_seconds, least=1),
        )


def _refuse_unknown(given: Mapping[str, str]) -> None:
    """Refuse a misspelled variable: without an outlet for alerts, nobody would notice."""
    for name in given:
        if name not in _NAMES:
            (nearest,) = difflib.get_close_matches(name, _NAMES, 1, cutoff=0)
            raise SettingsError(f"{name} is not a setting: did you mean {nearest}?")


def _number(given: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    value = given.get(name, str(default)).strip()
    if not (value.isascii() and value.isdigit() and int(value) >= least):
        raise SettingsError(f"{name} is not a number of {least} or more: correct it.")
    return int(value)


def _command(given: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(given.get("REFRESH_ALERT_COMMAND", "")))
    except ValueError:
        raise SettingsError("REFRESH_ALERT_COMMAND has an open quotation mark: close it.") from None


def _webhook(given: Mapping[str, str]) -> str | None:
    name = "REFRESH_ALERT_WEBHOOK"
    address = secret(given, name)
    if address is None:
        return None
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or not address.isascii() or not address.isprintable() or " " in address:
        name = name if name in given else f"{name}_FILE"
        raise SettingsError(f"{name} is not an address such as https://alerts.example.org/hook: correct it.")
    return address
