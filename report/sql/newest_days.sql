select transaction_date, company_name, company_id, total_amount, transaction_count
from daily_transaction_summary
where transaction_date >= %(since)s
order by transaction_date desc, total_amount desc, company_id
limit %(limit)s
