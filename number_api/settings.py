"""All settings, read once from NUMBER_API_* variables and validated before anything starts."""

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import limits

from number_api.access.api_keys import ApiKey, parse_api_keys
from number_api.access.proxies import FORWARDED_FIELDS, Network
from number_api.errors import SettingsError

_PREFIX = "NUMBER_API_"
_STORE_URL_SCHEMES = ("valkey", "valkeys", "redis", "rediss")
_HOST_PATTERN = re.compile(r"\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings and their defaults.

    Attributes:
        host: The address to listen on.
        port: The TCP port to listen on.
        workers: Number of worker processes.
        store_url: Where the numbers are kept; None keeps them in the memory of the one process.
        rate_limit: Requests that a client may send per period; None for no limit.
        api_keys: The accepted API keys; with none, the service is open to everyone who can reach it.
        allowed_hosts: The host names that are served, without ports; "*" is any, "*.example.org" any below.
        trusted_proxies: The addresses of the proxies that may name the client.
        forwarded_field: The header field in which they name the client, in lower case.
        idle_seconds: How long a connection may wait for the header fields of its next request.
        drain_seconds: How long the service goes on after SIGTERM while it says that it is not ready, so that a load
            balancer has noticed before connections are refused.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    # May hold a password.
    store_url: str | None = field(default=None, repr=False)
    rate_limit: limits.RateLimitItem | None = field(default_factory=lambda: limits.RateLimitItemPerMinute(600))
    api_keys: tuple[ApiKey, ...] = ()
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    trusted_proxies: tuple[Network, ...] = ()
    forwarded_field: str = "x-forwarded-for"
    idle_seconds: int = 5
    drain_seconds: int = 5

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings from environment variables.

        A variable that is not set, or is empty, leaves its default. NUMBER_API_STORE_URL and NUMBER_API_KEYS, which may
        hold secrets, can be kept in files that NUMBER_API_STORE_URL_FILE and NUMBER_API_KEYS_FILE name.

        Raises:
            SettingsError: A value cannot be used. The text names the variable and does not repeat the value.
        """

        def read(name: str, parse: Callable[[str], Value], default: Value) -> Value:
            return _parsed(_PREFIX + name, environment.get(_PREFIX + name, ""), parse, default)

        def read_secret(name: str, parse: Callable[[str], Value], default: Value) -> Value:
            return _parsed(_PREFIX + name, _secret(environment, _PREFIX + name), parse, default)

        _refuse_unknown(environment)
        defaults = cls()
        return cls(
            host=read("HOST", str, defaults.host),
            port=read("PORT", _port, defaults.port),
            workers=read("WORKERS", _workers, defaults.workers),
            store_url=read_secret("STORE_URL", _store_url, defaults.store_url),
            rate_limit=read("RATE_LIMIT", _rate_limit, defaults.rate_limit),
            api_keys=read_secret("KEYS", parse_api_keys, defaults.api_keys),
            allowed_hosts=read("ALLOWED_HOSTS", _hosts, defaults.allowed_hosts),
            trusted_proxies=read("TRUSTED_PROXIES", _networks, defaults.trusted_proxies),
            forwarded_field=read("FORWARDED_FIELD", _forwarded_field, defaults.forwarded_field),
            idle_seconds=read("IDLE_SECONDS", _idle_seconds, defaults.idle_seconds),
            drain_seconds=read("DRAIN_SECONDS", _seconds, defaults.drain_seconds),
        )


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    """Refuse a variable that looks like a setting and is none: a misspelt NUMBER_API_KEYS must not open the service."""
    known = [_PREFIX + item.name.upper() for item in fields(Settings)]
    known[known.index(f"{_PREFIX}API_KEYS")] = f"{_PREFIX}KEYS"
    known += [f"{_PREFIX}STORE_URL_FILE", f"{_PREFIX}KEYS_FILE"]
    for name in sorted(environment):
        if name.startswith(_PREFIX) and name not in known:
            (nearest,) = difflib.get_close_matches(name, known, n=1, cutoff=0)
            raise SettingsError(f"{name}: no such setting; did you mean {nearest}")


def _parsed(variable: str, text: str, parse: Callable[[str], Value], default: Value) -> Value:
    if not text:
        return default
    try:
        return parse(text)
    except SettingsError as error:
        raise SettingsError(f"{variable}: {error}") from None


def _secret(environment: Mapping[str, str], variable: str) -> str:
    text, path = environment.get(variable, ""), environment.get(f"{variable}_FILE", "")
    if not path:
        return text
    if text:
        raise SettingsError(f"{variable} and {variable}_FILE: set only one of them")
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        # The path is not repeated, in case someone has put the secret itself there.
        raise SettingsError(f"{variable}_FILE: the file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{variable}_FILE: the file is not text in UTF-8") from None
    if not text:
        raise SettingsError(f"{variable}_FILE: the file is empty")
    return text


def _whole_number(text: str, minimum: int, maximum: int) -> int:
    number = int(text) if re.fullmatch("[0-9]{1,9}", text) else -1
    if not minimum <= number <= maximum:
        raise SettingsError(f"must be a whole number from {minimum} to {maximum}")
    return number


def _port(text: str) -> int:
    return _whole_number(text, 1, 65535)


def _workers(text: str) -> int:
    return _whole_number(text, 1, 64)


def _seconds(text: str) -> int:
    return _whole_number(text, 0, 3600)


def _idle_seconds(text: str) -> int:
    return _whole_number(text, 1, 3600)


def _forwarded_field(text: str) -> str:
    if text.lower() not in FORWARDED_FIELDS:
        raise SettingsError("must be X-Forwarded-For or Forwarded")
    return text.lower()


def _store_url(text: str) -> str:
    wrong = SettingsError(f"must be a URL such as valkey://:PASSWORD@HOST:6379/0 ({', '.join(_STORE_URL_SCHEMES)})")
    try:
        url = urlsplit(text)
        # The property raises ValueError when the port is not one.
        has_host = url.hostname and url.port != 0
    except ValueError:
        raise wrong from None
    if url.scheme not in _STORE_URL_SCHEMES or not has_host or not re.fullmatch("/?|/[0-9]+", url.path):
        raise wrong
    # The client library would take options from a query, and fail at the first request if it did not know them.
    if url.query or url.fragment:
        raise wrong
    return url.geturl()


def _rate_limit(text: str) -> limits.RateLimitItem | None:
    if text == "off":
        return None
    try:
        (rate_limit,) = limits.parse_many(text)
    except ValueError:
        raise SettingsError("must be a rate such as 600/minute or 10/second, or off") from None
    if rate_limit.amount < 1:
        raise SettingsError("must allow at least one request")
    return rate_limit


def _hosts(text: str) -> tuple[str, ...]:
    hosts = _items(text.lower())
    if not all(_HOST_PATTERN.fullmatch(host) for host in hosts):
        raise SettingsError(
            "must be host names without ports, separated by commas, such as api.example.org,*.example.net"
        )
    return hosts


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(item) for item in _items(text))
    except ValueError:
        raise SettingsError("must be addresses or networks separated by commas, such as 10.0.0.0/8,192.0.2.7") from None


def _items(text: str) -> tuple[str, ...]:
    items = tuple(item.strip() for item in text.split(",") if item.strip())
    if not items:
        raise SettingsError("has no value")
    return items
