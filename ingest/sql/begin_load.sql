-- The identity of row numbers starts again: the ingest lock is ours, so no other load uses it.
select
    nextval(pg_get_serial_sequence('raw.loads', 'load_id')),
    setval(pg_get_serial_sequence('raw.raw_transactions', '_row_number'), 1, false)
