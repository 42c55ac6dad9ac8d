"""API keys: random secrets of which this service keeps no more than a digest.

A key is 256 random bits, so one round of SHA-256 is enough: there is nothing to guess, and so nothing to slow down.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

from number_api.errors import SettingsError

_NAME = re.compile("[A-Za-z0-9._-]{1,64}")
_ENTRY = re.compile(rf"(?P<name>{_NAME.pattern})\s+(?P<scopes>[a-z,]+)\s+(?P<digest>[0-9a-f]{{64}})")


class KeyScope(StrEnum):
    """What an API key can allow."""

    READ = "read"
    EXTRACT = "extract"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of an API key.

    Attributes:
        name: Who uses it; it appears in logs.
        scopes: What it allows.
        digest: The SHA-256 of the secret.
    """

    name: str
    scopes: frozenset[KeyScope]
    digest: bytes

    def entry(self) -> str:
        """Return the line that puts this key into the settings: `NAME SCOPE,SCOPE SHA256`."""
        return f"{self.name} {','.join(sorted(self.scopes))} {self.digest.hex()}"


def create_api_key(name: str, scopes: frozenset[KeyScope]) -> tuple[str, ApiKey]:
    """Make a new random key.

    Returns:
        The secret, which nobody can see again, and what is kept of it.

    Raises:
        SettingsError: The name cannot stand in the settings.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError("An API key's name has 1 to 64 letters, digits, dots, hyphens and underscores")
    secret = secrets.token_urlsafe(32)
    return secret, ApiKey(name, scopes, digest(secret.encode()))


def parse_api_keys(text: str) -> tuple[ApiKey, ...]:
    """Read entries, one on a line or separated by semicolons.

    Raises:
        SettingsError: An entry cannot be read. The text says which and why, and repeats none of it: someone may have
            put the secret itself there.
    """
    entries = [entry.strip() for entry in re.split("[;\n]", text) if entry.strip()]
    api_keys = tuple(_parse_entry(position, entry) for position, entry in enumerate(entries, 1))
    if not api_keys:
        raise SettingsError("has no entry; leave it empty to open the service to everyone")
    if len({api_key.name for api_key in api_keys}) < len(api_keys):
        raise SettingsError("two entries have the same name")
    return api_keys


def find_api_key(api_keys: tuple[ApiKey, ...], secret: bytes) -> ApiKey | None:
    """Return the key with this secret; how long it takes tells nothing about the digests."""
    wanted = digest(secret)
    found = None
    for api_key in api_keys:
        if secrets.compare_digest(api_key.digest, wanted):
            found = api_key
    return found


def digest(secret: bytes) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret).digest()


def _parse_entry(position: int, entry: str) -> ApiKey:
    match = _ENTRY.fullmatch(entry)
    if not match:
        raise SettingsError(f"entry {position} is not NAME SCOPE,SCOPE SHA256 (create-key prints such an entry)")
    try:
        scopes = frozenset(KeyScope(scope) for scope in match["scopes"].split(","))
    except ValueError:
        raise SettingsError(f"entry {position} has a scope other than {', '.join(KeyScope)}") from None
    return ApiKey(match["name"], scopes, bytes.fromhex(match["digest"]))
