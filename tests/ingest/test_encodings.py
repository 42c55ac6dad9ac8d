"""An encoding is guessed by the words that come out."""
# ruff: noqa: RUF001 - letters of other scripts look like Latin ones

import pytest

from ingest.encodings import guess_utf_16, likely_encoding


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("windows-1252", "Café|Müller & Söhne – 5 €|PEÑA|l’Œuvre «Zoë»|Straße|10 €"),
        ("windows-1250", "Łódź|Żółw|Škoda|Sp. z o.o. „Gąska”"),
        ("windows-1251", "Привет|ООО «Ромашка»|Иван Петров"),
        ("koi8-r", "Привет мир|Иван Петров"),
        ("cp866", "Привет мир|Иван Петров"),
        ("cp850", "Café|Peña|Ñandú"),
        ("mac-roman", "Café|Peña|José García"),
        ("shift-jis", "日本語|東京商店|カフェ"),
        ("gb18030", "你好世界|北京公司"),
    ],
)
def test_words_tell(encoding: str, words: str) -> None:
    texts = [f"1,{word},acme,1.50".encode(encoding) for word in words.split("|")]
    assert likely_encoding(texts) == encoding


@pytest.mark.parametrize("text", [b"a\x80\x81\x82b", bytes(range(128, 256))])
def test_what_makes_no_sense_in_any_is_in_none(text: bytes) -> None:
    assert likely_encoding([text]) is None


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_has_zeros_in_every_other_byte(encoding: str) -> None:
    assert guess_utf_16("id,Größe,Łódź\n".encode(encoding)) == encoding
    assert guess_utf_16(b"id,name\n") is None
    assert guess_utf_16(bytes(100)) is None
