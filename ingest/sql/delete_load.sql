with replaced as (delete from raw.loads where load_id = %(load_id)s)
delete from raw.raw_transactions where _load_id = %(load_id)s
