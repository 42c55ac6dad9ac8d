where coalesce(id, name, company_id, amount, status, created_at, paid_at) is not null
