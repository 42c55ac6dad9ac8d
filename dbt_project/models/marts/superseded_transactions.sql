with

    transactions as (select * from {{ ref("stg_transactions") }}),

    charges as (select * from {{ ref("charges") }}),

    rejected_transactions as (select * from {{ ref("rejected_transactions") }}),

    final as (

        select
            transactions.load_id,
            transactions.row_number,
            charges.id as charge_id,
            charges.load_id as superseding_load_id,
            charges.row_number as superseding_row_number,

            transactions.amount,
            transactions.status,
            transactions.created_at,
            transactions.paid_at as updated_at
        from transactions
        inner join charges on transactions.charge_id = charges.id
        left join
            rejected_transactions
            on transactions.load_id = rejected_transactions.load_id
            and transactions.row_number = rejected_transactions.row_number
        where rejected_transactions.load_id is null and {{ is_later("charges", "transactions") }}

    )

select *
from final
