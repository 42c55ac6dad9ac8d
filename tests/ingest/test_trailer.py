"""The end of the rows is found wherever the blocks of a file happen to end."""

import itertools

import pytest

from ingest.trailer import Trailer

ROWS = b"a;1\r\nb;2\r\n"
AFTER = b"Total;3\r\n\r\nBalance;9"


def cut(marker: str, *blocks: bytes) -> tuple[bytes, int]:
    trailer = Trailer(marker)
    return b"".join(trailer.cut(iter(blocks))), trailer.lines


def test_the_marker_is_found_at_every_split_of_the_blocks() -> None:
    data = ROWS + AFTER
    for first, second in itertools.combinations_with_replacement(range(len(data) + 1), 2):
        assert cut("Total", data[:first], data[first:second], data[second:]) == (ROWS, 2)
    assert cut("Total", *(bytes([byte]) for byte in data)) == (ROWS, 2)


@pytest.mark.parametrize("line", [b"Total;3", b'"Total";3', b'  " Total 2019";3', b"\tTotal", b"Totals;3"])
def test_the_marker_may_stand_in_quotes_and_only_has_to_begin_the_line(line: bytes) -> None:
    assert cut("Total", ROWS + line + b"\n") == (ROWS, 1)


@pytest.mark.parametrize("line", [b"a;Total", b"x Total", b"total;3", b'a;"x\n"', b"Tot\nal"])
def test_what_does_not_begin_with_the_marker_is_a_row(line: bytes) -> None:
    assert cut("Total", ROWS + line) == (ROWS + line, 0)


@pytest.mark.parametrize("blocks", [(), (b"",), (ROWS,), (ROWS, b""), (b"\n\n",)])
def test_a_file_without_the_marker_is_whole(blocks: tuple[bytes, ...]) -> None:
    assert cut("Total", *blocks) == (b"".join(blocks), 0)


def test_a_marker_at_the_very_start_leaves_nothing() -> None:
    assert cut("Total", b"Total;3\nmore") == (b"", 2)


def test_a_marker_is_no_regular_expression() -> None:
    assert cut("(*)", b"a\n(*) x\n") == (b"a\n", 1)
    assert cut("é.", "a\néx\né.\n".encode()) == ("a\néx\n".encode(), 1)


def test_all_lines_from_the_marker_on_are_counted_and_all_blocks_read() -> None:
    blocks = iter([ROWS, b"Total\n", *[b"row;1\r", b"\n"] * 60, b"\n\nlast"])
    trailer = Trailer("Total")

    assert b"".join(trailer.cut(blocks)) == ROWS
    assert trailer.lines == 62
    assert next(blocks, None) is None


def test_lines_end_with_any_line_end_and_blocks_are_passed_on_as_they_come() -> None:
    trailer = Trailer("Total")
    pieces = trailer.cut(iter([b"a\rb\rc", b"d\r", b"e", b"f"]))

    # All but the line that has only begun.
    assert [next(pieces), next(pieces), next(pieces)] == [b"a\rb\r", b"cd\r", b""]
    assert b"".join(pieces) == b"ef"
