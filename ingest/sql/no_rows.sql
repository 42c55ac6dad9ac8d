-- For its columns.
select * from {relation} limit 0
