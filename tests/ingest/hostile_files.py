"""Files that are made to break a reader."""

from hypothesis import strategies as st

# Pieces of files, whole records and what tears them apart.
FRAGMENTS = [
    b"1,2,3,4,5,6,7", b"a,b,c,1.0,paid,2019-01-01,", b'1,"x,y",3,4,5,6,7', b'1,"x""y",3,4,5,6,7', b'"",,,,,,',
    b'1,"two\nlines",3,4,5,6,7', b'1,"two\r\nlines",3,4,5,6,7', b",,,,,,", b",,,,,,,", b"1,2,3", b"1,2,3,4,5,6,7,8",
    b'1,"open,3,4,5,6,7', b'7,2,3,4,5,6,x"', b'x"y,2,3,4,5,6,7', b'"1"x,2,3,4,5,6,7', b"1,\xff,3,4,5,6,7",
    b"1,\0,3,4,5,6,7", b'1,"\xff",3,4,5,6,7', b'1,"\0\n",3,4,5,6,7', "é,ñ,日本,4,5,6,7".encode(), b"\\.", b"\\N,,,,,,",
    b"\n", b"\r", b"\r\n", b"\r\r\n", b"\r\r", b"\n\n", b'"', b'""', b",", b"x", b" ", b"1;2;3;4;5;6;7",
]  # fmt: skip

TERMINATORS = [b"\n", b"\r\n", b"\r", b"\r\r", b"\r\r\n", b"\r\r\r\n", b"\n\n"]


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file whose records end alike more often than not, as real ones do."""
    terminator = draw(st.sampled_from(TERMINATORS))
    parts = draw(st.lists(st.sampled_from(FRAGMENTS) | st.just(terminator), max_size=24))
    if draw(st.booleans()):
        return b"".join(part + terminator for part in parts)
    return b"".join(parts)
