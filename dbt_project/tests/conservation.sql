-- Assumes that every record that was read is a charge, or rejected, or superseded by a later row
-- with its id.
with

    loads as (select sum(rows_read) as rows_read from {{ ref("stg_loads") }}),

    charges as (

        select count(*) as charges, coalesce(sum(superseded_rows), 0) as superseded_rows
        from {{ ref("charges") }}

    ),

    rejected as (select count(*) as rejected_rows from {{ ref("rejected_transactions") }})

select *
from loads, charges, rejected
where loads.rows_read <> charges.charges + charges.superseded_rows + rejected.rejected_rows
