-- The identity of row numbers starts again: the ingest lock is ours, so no other load uses it.
select
    set_config('ingest.load_id', load_id::text, true)::bigint as load_id,
    setval(pg_get_serial_sequence('raw.raw_transactions', '_row_number'), 1, false)
from nextval(pg_get_serial_sequence('raw.loads', 'load_id')) as load_id
