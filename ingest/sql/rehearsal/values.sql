-- The most frequent values of some columns, as they came, in the rows that are rejected for a reason.
select {values} as values, count(*) as rows
from analytics.rejected_transactions as rejected
inner join
    raw.raw_transactions as transactions
    on rejected.load_id = transactions._load_id and rejected.row_number = transactions._row_number
where %(reason)s = any(string_to_array(rejected.reasons, ','))
group by 1
order by rows desc, 1
limit %(most)s
