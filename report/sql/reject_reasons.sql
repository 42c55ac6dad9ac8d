-- A row with two reasons counts for both. What a format leaves out is no reject.
select reason, count(*) as rows_rejected
from rejected_transactions
cross join unnest(string_to_array(reasons, ',')) as reason
where reason <> 'not_a_charge'
group by reason
order by rows_rejected desc, reason
