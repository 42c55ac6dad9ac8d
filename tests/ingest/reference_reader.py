"""The rule of `ingest.records` once more, in the plainest way: byte by byte, no speed, no blocks."""

from dataclasses import dataclass, field

LINE_ENDS = b"\r\n"


@dataclass
class Read:
    """What a file holds: a list entry a row, in order; None for a rejected one."""

    rows: list[list[bytes] | None] = field(default_factory=list)
    rejected: list[tuple[int, str, bytes]] = field(default_factory=list)
    blanks: int = 0


def read(
    data: bytes,
    *,
    delimiter: bytes,
    fields: int,
    used: tuple[int, ...],
    terminator: bytes,
    after_header: bool,
    longest: int,
) -> Read:
    """Read a file's bytes after its header. A field is its raw bytes, quotes included."""
    result = Read()
    position = 0
    a_record_came_before = after_header
    while position < len(data):
        start = position
        while position < len(data) and data[position] in LINE_ENDS:
            position += 1
        if position > start:
            lines = max(data[start:position].count(terminator), 1)
            result.blanks += lines - 1 if a_record_came_before else lines
            continue
        a_record_came_before = True
        found = _record(data, position, delimiter, fields, longest)
        if found is None:
            while position < len(data) and data[position] not in LINE_ENDS:
                position += 1
            line = data[start:position]
            result.rows.append(None)
            result.rejected.append((len(result.rows), _why(line, delimiter, longest), line))
            continue
        values, position = found
        record = data[start:position]
        kept = [values[index] for index in used]
        reason = _fault(record, delimiter, fields)
        if not any(kept):
            result.blanks += 1
        elif reason:
            result.rows.append(None)
            result.rejected.append((len(result.rows), reason, record))
        else:
            result.rows.append(kept)
    return result


def value(raw: bytes) -> str | None:
    """A field as the database has it: NULL where nothing stood, not even quotes."""
    if raw.startswith(b'"'):
        return raw[1:-1].replace(b'""', b'"').decode()
    return raw.decode() or None


def _record(data: bytes, start: int, delimiter: bytes, fields: int, longest: int) -> tuple[list[bytes], int] | None:
    """The fields of the record at a position and where it ends; None if there is no such record."""
    values, end = _fields(data, start, delimiter)
    if end is None or len(values) != fields or end - start > longest:
        return None
    return values, end


def _fields(data: bytes, start: int, delimiter: bytes) -> tuple[list[bytes], int | None]:
    values: list[bytes] = []
    position = start
    while True:
        begin = position
        if data[position : position + 1] == b'"':
            position += 1
            while True:
                if position >= len(data):
                    return values, None
                if data[position : position + 2] == b'""':
                    position += 2
                elif data[position : position + 1] == b'"':
                    position += 1
                    break
                else:
                    position += 1
        else:
            while position < len(data) and data[position : position + 1] not in (b'"', delimiter, b"\r", b"\n"):
                position += 1
        values.append(data[begin:position])
        following = data[position : position + 1]
        if following == delimiter:
            position += 1
        elif following in (b"", b"\r", b"\n"):
            return values, position
        else:
            return values, None


def _fault(record: bytes, delimiter: bytes, fields: int) -> str | None:
    lines = [line for line in record.replace(b"\r", b"\n").split(b"\n") if line]
    looks = [line.count(delimiter) == fields - 1 for line in lines]
    if len(lines) > 1 and (sum(looks) > 1 or any(looks[1:-1])):
        return "ambiguous_quote"
    if b"\0" in record:
        return "nul_byte"
    return None if _is_utf8(record) else "invalid_encoding"


def _why(line: bytes, delimiter: bytes, longest: int) -> str:
    if len(line) > longest:
        return "record_too_long"
    if b"\0" in line:
        return "nul_byte"
    if not _is_utf8(line):
        return "invalid_encoding"
    _, end = _fields(line, 0, delimiter)
    if end is not None:
        return "wrong_field_count"
    position = 0
    while True:  # the first field that is no field: a quote that is never closed, or one where none belongs
        if line[position : position + 1] == b'"':
            rest = line[position + 1 :].replace(b'""', b"")
            if b'"' not in rest:
                return "unclosed_quote"
            closing = position + 1
            while line[closing : closing + 1] != b'"' or line[closing : closing + 2] == b'""':
                closing += 2 if line[closing : closing + 2] == b'""' else 1
            position = closing + 1
        else:
            while line[position : position + 1] not in (b'"', delimiter, b""):
                position += 1
        if line[position : position + 1] != delimiter:
            return "stray_quote"
        position += 1


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
