select
    now() at time zone 'utc' as taken_at,
    (select time_zone from business_day) as time_zone,
    (select count(*) from rejected_transactions) as rows_rejected,
    (select count(*) from superseded_transactions) as rows_superseded
