with

    settled_transactions as (select * from {{ ref("stg_transactions") }} where is_settled),

    -- Says what became of the few others.
    resolved_transactions as (

        select *
        from {{ ref("int_resolved_transactions") }}
        where not is_settled and reasons is null

    ),

    accepted as (

        select load_id, amount, status
        from settled_transactions

        union all

        select load_id, amount, status
        from resolved_transactions

    ),

    final as (

        select
            load_id,
            cast(sum(amount) as numeric(38, 2)) as total_amount,
            count(*) as transaction_count
        from accepted
        where {{ is_summarised("status") }}
        group by load_id

    )

select *
from final
