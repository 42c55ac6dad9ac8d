copy raw.raw_transactions ({columns})
from stdin with (format csv, delimiter {delimiter}, encoding 'UTF8')
where coalesce(id, name, company_id, amount, status, created_at, paid_at) is not null
