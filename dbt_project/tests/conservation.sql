-- Assumes that nothing is lost and nothing counts twice: a row is rejected, or it is the charge
-- with its id, or that charge comes from a later row; and there is no charge and no rejected row
-- beside those.
with

    transactions as (

        select * from {{ ref("stg_transactions") }} where {{ is_unverified("load_id") }}

    ),

    charges as (select * from {{ ref("charges") }}),

    rejected as (

        select * from {{ ref("rejected_transactions") }} where {{ is_unverified("load_id") }}

    ),

    fates as (

        select
            transactions.load_id,
            transactions.row_number,
            rejected.load_id is not null as is_rejected,
            coalesce(
                charges.load_id = transactions.load_id
                and charges.row_number = transactions.row_number,
                false
            ) as is_charge,
            coalesce(
                charges.load_id > transactions.load_id
                or (
                    charges.load_id = transactions.load_id
                    and charges.row_number > transactions.row_number
                ),
                false
            ) as is_earlier_than_charge
        from transactions
        left join charges on transactions.charge_id = charges.id
        left join
            rejected
            on transactions.load_id = rejected.load_id
            and transactions.row_number = rejected.row_number

    ),

    lost as (

        select
            load_id,
            row_number,
            'a row that is neither charge nor rejected nor superseded' as problem
        from fates
        where not is_rejected and not is_charge and not is_earlier_than_charge

    ),

    counted_twice as (

        select load_id, row_number, 'a row that is rejected and a charge' as problem
        from fates
        where is_rejected and is_charge

    ),

    published as (

        select load_id, row_number
        from charges
        where {{ is_unverified("load_id") }}
        union all
        select load_id, row_number
        from rejected
        where record is null

    ),

    made_up as (

        select
            published.load_id,
            published.row_number,
            'a charge or a rejected row that no row gave' as problem
        from published
        left join
            transactions
            on published.load_id = transactions.load_id
            and published.row_number = transactions.row_number
        where transactions.load_id is null

    )

select *
from lost
union all
select *
from counted_twice
union all
select *
from made_up
