-- A row with two reasons counts for both.
select reason, count(*) as rows_rejected
from rejected_transactions
cross join unnest(string_to_array(reasons, ',')) as reason
group by reason
order by rows_rejected desc, reason
