-- A row may be rejected for several reasons. What could not be read is counted before it gets here.
select reason, count(*) as rows
from analytics.rejected_transactions, unnest(string_to_array(reasons, ',')) as reason
where record is null
group by reason
order by rows desc, reason
