-- One row: what became of the one load that there is.
select
    (select count(*) from analytics.charges) as charges,
    (select count(*) from analytics.superseded_transactions) as rows_superseded,
    (select count(*) from analytics.rejected_transactions where record is null) - load_outcomes.rows_left_out
        as rows_rejected,
    load_outcomes.rows_left_out,
    days.first_day,
    days.last_day
from
    analytics.load_outcomes,
    (
        select min(local.day) as first_day, max(local.day) as last_day
        from
            analytics.charges,
            analytics.business_day,
            lateral (select (created_at at time zone 'UTC' at time zone business_day.time_zone)::date as day) as local
    ) as days
