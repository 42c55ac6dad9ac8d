"""Guess in which encoding a text is written. Pure functions: no file, no database.

Most encodings of one byte per character read any bytes, so it says little that they do. What tells is whether words
come out that someone could have written: letters of one script, no capitals within, no signs between letters.
"""

import itertools
import re
import unicodedata
from collections.abc import Sequence

# The share of pairs of bytes in UTF-16 one of which is zero, of text in a Latin script.
_ENOUGH_ZEROS = 0.3

# Of several that fit as well, the first is taken. Their names are what people call them; Python knows all.
_CANDIDATES = (
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "mac-roman",
    "cp850",
    "koi8-r",
    "cp866",
    "shift-jis",
    "gb18030",
)

_WORD = re.compile(r"[^\W\d_]+")
# Half of a character of two bytes, read as one of its own.
_BRACKET_IN_WORD = re.compile(r"[^\W\d_\x00-\x7f][\[\]{}|~^@`\\][^\W\d_]")
# What stands beside letters, though it is none; and what stands for itself.
_BESIDE_LETTERS = frozenset("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{ACUTE ACCENT}“”«»·ªº®™")
_BEFORE_LETTERS = frozenset("„¿¡€£§©")
_BY_ITSELF = (
    _BESIDE_LETTERS | _BEFORE_LETTERS | frozenset("\N{EN DASH}\N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}—…¥¢°±÷²³½¼¾µ")
)
_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL")


def guess_utf_16(head: bytes) -> str | None:
    """Return which UTF-16 a file without a byte order mark is probably written in; None if in none."""
    pairs = len(head) // 2 or 1
    little, big = (head[start::2].count(0) > _ENOUGH_ZEROS * pairs for start in (1, 0))
    if little == big:
        return None
    return "utf-16-le" if little else "utf-16-be"


def likely_encoding(texts: Sequence[bytes]) -> str | None:
    """Return the encoding in which most of some texts, which are not valid in UTF-8, are probably written.

    Args:
        texts: The texts, such as records.

    Returns:
        The name of an encoding, or None if in none of those that are known here most of the texts make sense.
    """
    scores = {encoding: sum(_makes_sense(text, encoding) for text in texts) for encoding in _CANDIDATES}
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] > len(texts) / 2 else None


def _makes_sense(text: bytes, encoding: str) -> bool:
    try:
        decoded = text.decode(encoding)
    except UnicodeDecodeError:
        return False
    words = _WORD.findall(decoded)
    return (
        not _BRACKET_IN_WORD.search(decoded)
        and all(_is_word(word) for word in words if not word.isascii())
        and all(
            _is_sign(decoded, index)
            for index, sign in enumerate(decoded)
            if not sign.isascii() and not _WORD.match(sign)
        )
    )


def _is_word(word: str) -> bool:
    """Whether someone could have written a word with letters that are not ASCII."""
    scripts = {unicodedata.name(letter, "?").split(" ")[0] for letter in word}
    if scripts <= set(_EAST_ASIAN):
        return True
    if len(scripts) > 1 or scripts == {"HALFWIDTH"}:
        return False
    if any(before.islower() and after.isupper() for before, after in itertools.pairwise(word)):
        return False
    # No Latin word consists of nothing but letters with accents.
    return scripts != {"LATIN"} or len(word) < 3 or any(map(str.isascii, word))


def _is_sign(text: str, index: int) -> bool:
    """Whether a sign that is neither ASCII nor a letter may stand there."""
    sign = text[index]
    if unicodedata.name(sign, "?").split(" ")[0] in (
        "CJK",
        "IDEOGRAPHIC",
        "FULLWIDTH",
        "KATAKANA",
        "KATAKANA-HIRAGANA",
    ):
        return True
    before, after = text[max(index - 1, 0) : index], text[index + 1 : index + 2]
    beside = (before,) if sign in _BEFORE_LETTERS else (before, after)
    return sign in (_BESIDE_LETTERS if any(map(str.isalpha, beside)) else _BY_ITSELF)
