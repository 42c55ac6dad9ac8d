select
    status,
    count(*) as charges,
    sum(amount) as amount,
    count(updated_at) as charges_with_updated_at
from charges
group by status
order by charges desc, status
