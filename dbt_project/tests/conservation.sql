-- Assumes that nothing is lost and nothing counts twice: each row is a charge, or rejected, or
-- superseded by a later row with its id.
with

    transactions as (

        select * from {{ ref("int_resolved_transactions") }} where {{ is_unverified("load_id") }}

    ),

    charges as (select * from {{ ref("charges") }} where {{ is_unverified("load_id") }}),

    superseded as (

        select * from {{ ref("superseded_transactions") }} where {{ is_unverified("load_id") }}

    ),

    rejected as (

        select *
        from {{ ref("rejected_transactions") }}
        where record is null and {{ is_unverified("load_id") }}

    ),

    fates as (

        select load_id, row_number
        from charges
        union all
        select load_id, row_number
        from superseded
        union all
        select load_id, row_number
        from rejected

    ),

    counted as (

        select load_id, row_number, count(*) as fates from fates group by load_id, row_number

    )

select
    coalesce(transactions.load_id, counted.load_id) as load_id,
    coalesce(transactions.row_number, counted.row_number) as row_number,
    coalesce(counted.fates, 0) as fates
from transactions
full outer join
    counted
    on transactions.load_id = counted.load_id
    and transactions.row_number = counted.row_number
where transactions.load_id is null or counted.fates is null or counted.fates <> 1
