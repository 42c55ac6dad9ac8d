select
    count(*) as rows,
    cast(coalesce(sum(transaction_count), 0) as bigint) as transactions,
    coalesce(sum(total_amount), 0.00) as total,
    count(distinct company_id) as companies,
    count(distinct transaction_date) as days,
    count(distinct date_trunc('week', cast(transaction_date as timestamp))) as weeks,
    count(distinct date_trunc('month', cast(transaction_date as timestamp))) as months,
    min(transaction_date) as first_day,
    max(transaction_date) as last_day
from analytics.daily_transaction_summary
