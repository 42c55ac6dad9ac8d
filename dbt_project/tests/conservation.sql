-- Assumes that nothing is lost and nothing counts twice: a row is rejected, or it is the charge
-- with its id, or that charge comes from a later row; and there is no charge and no rejected row
-- beside those. Of the records that could not be read, all that ingest counted are rejected.
with

    transactions as (

        select * from {{ ref("stg_transactions") }} where {{ is_unverified("load_id") }}

    ),

    -- Not only the new ones: how few those are PostgreSQL does not know yet, but it has an index.
    known_transactions as (select * from {{ ref("stg_transactions") }}),

    loads as (select * from {{ ref("stg_loads") }}),

    charges as (select * from {{ ref("charges") }}),

    rejected as (select * from {{ ref("rejected_transactions") }}),

    published as (

        select load_id, row_number
        from {{ ref("charges") }}
        where {{ is_unverified("load_id") }}
        union all
        select load_id, row_number
        from {{ ref("rejected_transactions") }}
        where record is null and {{ is_unverified("load_id") }}

    ),

    fates as (

        select
            transactions.load_id,
            transactions.row_number,
            rejected.load_id is not null as is_rejected,
            charges.load_id = transactions.load_id
            and charges.row_number = transactions.row_number as is_charge,
            charges.load_id > transactions.load_id
            or (
                charges.load_id = transactions.load_id
                and charges.row_number > transactions.row_number
            ) as is_superseded
        from transactions
        left join charges on transactions.charge_id = charges.id
        left join
            rejected
            on transactions.load_id = rejected.load_id
            and transactions.row_number = rejected.row_number

    ),

    wrong as (

        select load_id, row_number, 'lost, or both a charge and rejected' as problem
        from fates
        where is_rejected = coalesce(is_charge, false) and is_superseded is not true

    ),

    made_up as (

        select published.load_id, published.row_number, 'published, but no row says so' as problem
        from published
        left join
            known_transactions
            on published.load_id = known_transactions.load_id
            and published.row_number = known_transactions.row_number
        where known_transactions.load_id is null

    ),

    -- Not from the CTE above: PostgreSQL would keep one that is read twice, and then use one core.
    unreadable as (

        select load_id, count(*) as row_count
        from {{ ref("rejected_transactions") }}
        where record is not null
        group by load_id

    ),

    miscounted as (

        select
            loads.load_id,
            cast(null as bigint) as row_number,
            'unreadable records are missing or double' as problem
        from loads
        left join unreadable on loads.load_id = unreadable.load_id
        where
            {{ is_unverified("loads.load_id") }}
            and loads.rows_rejected <> coalesce(unreadable.row_count, 0)

    )

select *
from wrong
union all
select *
from made_up
union all
select *
from miscounted
