-- The daily summary read once: in all (neither company nor day), by company and by day.
select
    company_id,
    transaction_date as day,
    count(*) as rows,
    cast(sum(transaction_count) as bigint) as transactions,
    sum(total_amount) as total
from daily_transaction_summary
group by grouping sets ((), (company_id), (transaction_date))
