select
    started_at at time zone 'utc' as started_at,
    outcome,
    extract(epoch from finished_at - started_at)::float as seconds,
    rows_read,
    rows_rejected,
    tests_failed,
    tests_warned,
    problems
from raw.runs
order by started_at desc
limit %(limit)s
