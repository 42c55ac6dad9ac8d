select
    now() at time zone 'utc' as taken_at,
    quote_ident(%(schema)s) as quoted_schema,
    (select time_zone from business_day) as time_zone,
    (select last_complete_day from business_day) as last_complete_day,
    (select coalesce(sum(rows_rejected), 0)::bigint from load_outcomes) as rows_rejected,
    (select coalesce(sum(rows_left_out), 0)::bigint from load_outcomes) as rows_left_out,
    (select count(*) from superseded_transactions) as rows_superseded
