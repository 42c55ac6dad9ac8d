select
    load_id,
    source_name as loaded_as,
    sha256,
    bytes,
    encoding,
    line_terminator,
    has_header,
    rows_read,
    rows_loaded,
    rows_rejected,
    blank_records
from raw.loads
where sha256 = %(sha256)s
