select load_id, source_name, rows_read from raw.loads where load_id = %(load_id)s
