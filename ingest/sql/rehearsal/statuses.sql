select status, count(*) as charges, sum(amount) as amount
from analytics.charges
group by status
order by charges desc, status
