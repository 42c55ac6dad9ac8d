"""Values that are made to break a parser, and what they mean; None is to be rejected."""

import random
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

AMOUNTS = {
    "1e30": None,
    "3.0e34": None,
    "3.0e213231213123": None,
    "3.0e-213231213123": Decimal("0.00"),
    "0e213231213123": Decimal("0.00"),
    "1e-1073741824": Decimal("0.00"),
    "1e-20000": Decimal("0.00"),
    "1" + "0" * 20000 + "e-20000": Decimal("1.00"),
    "1e0000000000000000000000000000002": Decimal("100.00"),
    "1E+13": Decimal("10000000000000.00"),
    "1e14": None,
    "-0.00": Decimal("0.00"),
    "-0e5": Decimal("0.00"),
    "-0.001": None,
    "-5": None,
    "+5": Decimal("5.00"),
    "++5": None,
    ".5": Decimal("0.50"),
    "5.": Decimal("5.00"),
    ".": None,
    "e5": None,
    ".e5": None,
    "5e": None,
    "1_000": None,
    "1,000": None,
    "1 000": None,
    "0x1F": None,
    "NaN": None,
    "Infinity": None,
    "-inf": None,
    "\uff11\uff12": None,
    "\u0661": None,
    "99999999999999": Decimal("99999999999999.00"),
    "99999999999999.994": Decimal("99999999999999.99"),
    "99999999999999.995": None,
    "100000000000000": None,
    "0.004999999999999999999999": Decimal("0.00"),
    "0.005": Decimal("0.01"),
    "1.005": Decimal("1.01"),
    "82.179999999999": Decimal("82.18"),
    "21312312393.19": Decimal("21312312393.19"),
    "2131231231231231150.86": None,
    "000000000000000000000000000012.5": Decimal("12.50"),
    " \t12.50\r\n": Decimal("12.50"),
    "12.50\u00a0": None,
    "12.50\u200b": None,
    "9" * 65536: None,
    "0" * 65536 + "1": Decimal("1.00"),
    "0." + "9" * 65536: Decimal("1.00"),
    "1'; drop schema analytics cascade; --": None,
    "{{ 1 }}": None,
    "%s": None,
    "": None,
}

TIMES = {
    "2019-05-16": datetime(2019, 5, 16),
    "20190516": datetime(2019, 5, 16),
    "2019-05-16\n": datetime(2019, 5, 16),
    "2019-02-27T00:00:00": datetime(2019, 2, 27),
    "2019-02-27 00:00:00": datetime(2019, 2, 27),
    "20190227T235959": None,
    "20190227T23:59:59": datetime(2019, 2, 27, 23, 59, 59),
    "2019-02-27T23:59:59.999999": datetime(2019, 2, 27, 23, 59, 59, 999999),
    "2019-02-27T23:59:59.1": datetime(2019, 2, 27, 23, 59, 59, 100000),
    "2019-02-27T23:59:59.9999999": None,
    "2019-02-27T23:59:59,5": None,
    "2019-02-27T23:59:59.": None,
    "2019-02-27T23:59:59Z": datetime(2019, 2, 27, 23, 59, 59),
    "2019-02-27T23:59:59z": None,
    "2019-02-27t23:59:59": None,
    "2019-02-27T23:59:59 Z": None,
    "2019-02-27T23:59:59+00:00": datetime(2019, 2, 27, 23, 59, 59),
    "2019-02-27T23:59:59-01:30": datetime(2019, 2, 28, 1, 29, 59),
    "2019-02-27T00:59:59+23:59": datetime(2019, 2, 26, 1, 0, 59),
    "2019-02-27T23:59:59+24:00": None,
    "2019-02-27T23:59:59+01:60": None,
    "2019-02-27T23:59:59+0100": None,
    "2019-02-27T23:59:59+01": None,
    "2019-02-27Z": None,
    "2019-02-27+01:00": None,
    "2019-02-27 America/Mexico_City": None,
    "2019-02-27T23:59:59 UTC": None,
    "2019-02-30": None,
    "2019-02-29": None,
    "2020-02-29": datetime(2020, 2, 29),
    "1900-02-29": None,
    "2000-02-29": datetime(2000, 2, 29),
    "20191301": None,
    "20190001": None,
    "2019-05-00": None,
    "2019-04-31": None,
    "2019-05-16T24:00:00": None,
    "2019-05-16T23:59:60": None,
    "2019-05-16T23:60:00": None,
    "2019-05-16T10:00": None,
    "2019-05-16T": None,
    "2019-05-16  10:00:00": None,
    "0000-01-01": None,
    "0001-01-01": datetime(1, 1, 1),
    "0001-01-01T00:00:00+00:01": None,
    "9999-12-31T23:59:59.999999": datetime(9999, 12, 31, 23, 59, 59, 999999),
    "9999-12-31T23:59:59-00:01": None,
    "10000-01-01": None,
    "-2019-05-16": None,
    "2019-5-16": None,
    "2019-0516": None,
    "2019/05/16": None,
    "16-05-2019": None,
    "05/16/2019": None,
    "Jan 1 2019": None,
    "2019-05-16 BC": None,
    "2019-05-16 AD": None,
    "44-03-15BC": None,
    "1557964800": None,
    "43601": None,
    "2019-W20-4": None,
    "2019-136": None,
    "J2458620": None,
    "now": None,
    "epoch": None,
    "today": None,
    "infinity": None,
    "-infinity": None,
    "allballs": None,
    "\uff12\uff10\uff11\uff19-05-16": None,
    "2" * 65536: None,
}

TEXTS = [
    *("a" * 24, "b" * 25, "B" * 25, "\u00e9" * 24, "\u00e9" * 25, "\U0001f600" * 30, "x" * 65536, "f" * 65536),
    *(
        "null",
        "NULL",
        "'",
        '"',
        "\\",
        "\\N",
        "%",
        "{{ x }}",
        "a\nb",
        "a\tb",
        "\u00a0",
        "\u2028",
        "\ufeff",
        "\u200b",
    ),
    *("'; drop schema analytics cascade; --", "a,b", "-", "_", "*******", " ", "\x01", "\x7f", "\U0010ffff"),
]
STATUSES = ["PAID", "pa\u0131d", "charged_bac\u212a", "paid\u00a0", "paid,voided", "'", "pai"]

ACME = ("Acme", "acme")


Row = tuple[str | None, ...]


def rows_of_texts() -> list[Row]:
    """Every text as an id, a company id and a name, and every status."""
    return [
        *((text, *ACME, "1", "paid", "2019-05-16", None) for text in TEXTS),
        *((f"company {n}", "Acme", text, "1", "paid", "2019-05-16", None) for n, text in enumerate(TEXTS)),
        *((f"name {n}", text, "named", "1", "paid", "2019-05-16", None) for n, text in enumerate(TEXTS)),
        *((f"only name {n}", text, None, "1", "paid", "2019-05-16", None) for n, text in enumerate(TEXTS)),
        *((f"status {n}", *ACME, "1", text, "2019-05-16", None) for n, text in enumerate(STATUSES)),
    ]


def random_rows(count: int) -> Iterator[Row]:
    """Payments whose amounts, statuses and times are nearly right."""
    chance = random.Random(1)

    def text(alphabet: str, longest: int) -> str:
        return "".join(chance.choices(alphabet, k=chance.randint(0, longest)))

    def mutated(text: str, alphabet: str) -> str:
        letters = list(text)
        for _ in range(chance.choice([0, 1, 1, 2])):
            place = chance.randrange(len(letters) + 1)
            letters[place : place + chance.choice([0, 1])] = chance.choices(alphabet, k=chance.choice([0, 1]))
        return "".join(letters)

    def amount() -> str:
        if chance.random() < 0.5:
            return text("0123456789.eE+- ", 8)
        return mutated(chance.choice(["99999999999999.99", "12.345e-3", "0.005", "1e12", "-0.00"]), "0123456789.eE+-x")

    def time() -> str:
        year, month, day = chance.choice(["2019", "2020", "0001", "9999"]), chance.randint(0, 13), chance.randint(0, 32)
        date = f"{year}-{month:02}-{day:02}" if chance.random() < 0.5 else f"{year}{month:02}{day:02}"
        clock = (
            f"{chance.randint(0, 24):02}:{chance.randint(0, 60):02}:{chance.choice(['00', '59', '60', '07.123456'])}"
        )
        zone = chance.choice(["", "Z", "+05:30", "-12:00", "+23:59", "-24:00"])
        form = date if chance.random() < 0.4 else date + chance.choice("T ") + clock + zone
        return mutated(form, "0123456789-:TZ+. ") if chance.random() < 0.5 else form

    for n in range(count):
        yield (
            f"c{n}",
            *ACME,
            amount(),
            chance.choice(["paid", text("paid ", 5)]),
            time(),
            chance.choice([None, time()]),
        )
