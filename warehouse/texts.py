"""Texts from outside, for terminals and logs. Pure functions: no file, no database."""


def printable(text: str) -> str:
    """Return a text with its unprintable characters escaped, line breaks and those that control a terminal included."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
