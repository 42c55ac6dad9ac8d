select oid, typname from pg_type where oid = any(%(oids)s::oid[])
