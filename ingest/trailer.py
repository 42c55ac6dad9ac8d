"""Cut off what follows the rows of a file, such as totals. Pure: no file, no database."""

import re
from collections.abc import Iterator

# More lines than that are no totals: the marker stands before rows.
MOST_LINES_AFTER_ROWS = 50

# A longer line is refused by the reader of records, which has to see it.
_LONGEST_LINE = 32 << 20

_LINE = re.compile(rb"[^\r\n]+")


class Trailer:
    """Ends a stream of blocks before the first line that begins with a marker, and counts the lines from there on.

    Args:
        marker: How the first field of the record begins that ends the rows. It may stand in quotes.

    Attributes:
        lines: Number of lines from the marker on that are not blank; complete once the blocks are read to their end.
    """

    def __init__(self, marker: str) -> None:
        self.lines = 0
        self._marker = re.compile(rb'(?:\A|(?<=[\r\n]))[ \t]*"?[ \t]*%b' % re.escape(marker.encode()))

    def cut(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the lines before the marker. All blocks are read, so that whoever counts them sees everything."""
        rest = b""
        for block in blocks:
            rest += block
            found = self._marker.search(rest)
            if found:
                yield rest[: found.start()]
                self._count(rest[found.start() :], blocks)
                return
            # A line that has only begun may turn out to be the one.
            end = len(rest) if len(rest) > _LONGEST_LINE else max(rest.rfind(b"\n"), rest.rfind(b"\r")) + 1
            yield rest[:end]
            rest = rest[end:]
        yield rest

    def _count(self, rest: bytes, blocks: Iterator[bytes]) -> None:
        for block in blocks:
            end = max(rest.rfind(b"\n"), rest.rfind(b"\r")) + 1
            self.lines += len(_LINE.findall(rest[:end]))
            rest = rest[end:] + block
        self.lines += len(_LINE.findall(rest))
