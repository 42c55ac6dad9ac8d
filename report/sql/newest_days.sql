select transaction_date, company_name, company_id, total_amount as total, transaction_count as transactions
from analytics.daily_transaction_summary
order by transaction_date desc, total_amount desc, company_id
limit %(limit)s
