-- The companies that have payments on most of the days on which any company has, but had none on some of the latest.
with

    recent as materialized (

        select transaction_date, company_id
        from daily_transaction_summary
        where transaction_date between %(first)s and %(last)s

    ),

    days as (select distinct transaction_date from recent),

    regular as (

        select company_id, count(*) as days
        from recent
        group by company_id
        having count(*) >= %(usual_share)s * (select count(*) from days)

    ),

    missing as (

        select regular.company_id, regular.days, days.transaction_date
        from regular
        cross join days
        left join recent using (company_id, transaction_date)
        where days.transaction_date >= %(latest)s and recent.company_id is null

    )

select company_id, array_agg(transaction_date order by transaction_date) as days_without, days
from missing
group by company_id, days
order by max(transaction_date) desc, days desc, company_id
