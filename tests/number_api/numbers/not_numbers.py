"""Text that only resembles a number of the set."""

NOT_NUMBERS = [
    *(
        "",
        " ",
        "0",
        "00",
        "007",
        "101",
        "999",
        "1000",
        "-1",
        "+8",
        "5.0",
        "1e1",
        "1_0",
        "0x5",
        "abc",
        "nan",
        "5 ",
        " 5",
    ),
    *("5\n", "5\0", "٣", "５", "Ⅷ", "²", "9" * 5000, "True"),  # noqa: RUF001
]
