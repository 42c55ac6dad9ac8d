select exists (select from raw.loads where bytes = %(bytes)s)
