"""Settings that may be secret, so that they can also be kept in files."""

from collections.abc import Mapping
from pathlib import Path

from warehouse.errors import SettingsError


def secret(environment: Mapping[str, str], name: str) -> str | None:
    """Return what a variable says, or what is in the file that the variable `<name>_FILE` names.

    Returns:
        The text without the white space around it; None if neither variable is set.

    Raises:
        SettingsError: Both are set, or the file cannot be read or is empty. The message repeats neither value: someone
            may have put the secret itself where a path belongs.
    """
    text, path = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
    if not path:
        return text or None
    if text:
        raise SettingsError(f"{name} and {name}_FILE are both set: unset one of them.")
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"The file that {name}_FILE names cannot be read: {error.strerror}. Correct its path or its permissions."
        ) from None
    except ValueError:
        raise SettingsError(f"The file that {name}_FILE names is not text in UTF-8.") from None
    if not text:
        raise SettingsError(f"The file that {name}_FILE names is empty: write the value into it.")
    return text
