-- The companies with the largest totals.
with

    charges as (

        select company_id, count(*) as charges
        from analytics.charges
        group by company_id

    ),

    summary as (

        select
            company_id,
            count(*) as days,
            cast(sum(transaction_count) as bigint) as transactions,
            sum(total_amount) as total,
            max(transaction_date) as last_day
        from analytics.daily_transaction_summary
        group by company_id

    )

select
    companies.company_id,
    companies.company_name,
    count(*) over (partition by companies.company_name) = 1 as has_unique_name,
    coalesce(charges.charges, 0) as charges,
    coalesce(summary.days, 0) as days,
    coalesce(summary.transactions, 0) as transactions,
    coalesce(summary.total, 0.00) as total,
    summary.last_day,
    count(*) over () as companies_in_all
from analytics.companies
left join charges using (company_id)
left join summary using (company_id)
order by total desc, charges desc, company_id
limit %(limit)s
