-- Every load that raw or the marts know of, newest first: a load that waits for the next build is in raw alone, one
-- that was replaced since the last build in the marts alone.
select
    load_id,
    coalesce(loads.source_name, built.source_name) as source_name,
    coalesce(loads.rows_read, built.rows_read) as rows_read,
    coalesce(outcomes.rows_rejected, 0) as rows_rejected,
    coalesce(loads.format, built.format) as format,
    loads.bytes,
    coalesce(loads.finished_at at time zone 'utc', built.arrived_at) as finished_at,
    extract(epoch from loads.finished_at - loads.started_at) as seconds,
    built.load_id is not null as is_built,
    loads.load_id is not null as is_in_raw
from raw.loads
full join stg_loads as built using (load_id)
left join load_outcomes as outcomes using (load_id)
order by load_id desc
