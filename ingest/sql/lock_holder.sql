-- Who holds the ingest lock. Of the sessions of other roles, only some roles may see where they are from and since when.
select locks.pid, sessions.usename, sessions.application_name, host(sessions.client_addr), sessions.xact_start
from pg_locks as locks
left join pg_stat_activity as sessions on locks.pid = sessions.pid
where
    locks.locktype = 'advisory'
    and locks.granted
    and locks.database = (select oid from pg_database where datname = current_database())
    -- Two halves of a bigint.
    and locks.classid::bigint = %(lock)s >> 32
    and locks.objid::bigint = %(lock)s & x'ffffffff'::bigint
    and locks.objsubid = 1
