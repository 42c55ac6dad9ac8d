-- What the tables hold of each load, beside what raw.loads says of it. The row numbers of a load, loaded and rejected
-- together, are 1 to rows_read, each once: as many distinct ones as rows, none below 1, none above rows_read.
with numbered as (
    select _load_id as load_id, _row_number as row_number, true as is_loaded from raw.raw_transactions
    union all
    select load_id, row_number, false from raw.rejected_rows
),

counted as (
    select
        load_id,
        count(*) filter (where is_loaded) as rows_loaded,
        count(*) filter (where not is_loaded) as rows_rejected,
        count(distinct row_number) as row_numbers,
        min(row_number) as first_row_number,
        max(row_number) as last_row_number
    from numbered
    group by load_id
)

select
    load_id,
    loads.source_name,
    loads.rows_read,
    loads.rows_loaded,
    loads.rows_rejected,
    coalesce(counted.rows_loaded, 0) as found_loaded,
    coalesce(counted.rows_rejected, 0) as found_rejected,
    coalesce(
        counted.row_numbers = loads.rows_read and counted.first_row_number = 1 and counted.last_row_number = loads.rows_read,
        loads.rows_read = 0,
        false
    ) as is_numbered_through
from raw.loads as loads
full join counted using (load_id)
order by load_id
