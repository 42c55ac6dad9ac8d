insert into raw.loads (
    load_id, source_name, sha256, bytes, encoding, line_terminator, has_header,
    rows_read, rows_loaded, rows_rejected, blank_records, started_at, finished_at
)
values (
    %(load_id)s, %(source_name)s, %(sha256)s, %(bytes)s, %(encoding)s, %(line_terminator)s, %(has_header)s,
    %(rows_read)s, %(rows_loaded)s, %(rows_rejected)s, %(blank_records)s, transaction_timestamp(), clock_timestamp()
)
