select
    now() at time zone 'utc' as taken_at,
    (select count(*) from analytics.rejected_transactions) as rows_rejected,
    (select count(*) from analytics.superseded_transactions) as rows_superseded
