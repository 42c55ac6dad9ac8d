-- Totals a period and company, all other companies together as the one without an id.
select
    cast(date_trunc(%(step)s, cast(transaction_date as timestamp)) as date) as period,
    case when company_id = any(%(company_ids)s) then company_id end as company_id,
    sum(total_amount) as total,
    cast(sum(transaction_count) as bigint) as transactions
from daily_transaction_summary
group by 1, 2
order by 1, 2
