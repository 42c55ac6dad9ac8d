"""The target, from the environment or the command line. No other module of this package reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from warehouse.errors import SettingsError
from warehouse.secrets import secret

_VARIABLE = "PUBLISH_URL"
_EXAMPLE = "mysql+pymysql://USER:PASSWORD@HOST/DATABASE"


@dataclass(frozen=True)
class Settings:
    """The settings of one invocation.

    Attributes:
        url: URL of the target, as SQLAlchemy reads it; None if the environment names none. It may hold a password.
    """

    url: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read PUBLISH_URL, or the file that PUBLISH_URL_FILE names.

        Raises:
            SettingsError: Both are set, or the file cannot be read. The message does not repeat their values.
        """
        return cls(secret(environment, _VARIABLE))

    def required_url(self) -> str:
        """Return the URL of the target.

        Raises:
            SettingsError: The environment names none.
        """
        if self.url is None:
            raise SettingsError(
                f"No target: set {_VARIABLE} to its URL, such as {_EXAMPLE} or sqlite:///exports/marts.db, "
                f"or {_VARIABLE}_FILE to a file that contains it."
            )
        return self.url
