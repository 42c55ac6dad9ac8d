with

    charges as (select * from {{ ref("charges") }}),

    final as (

        select
            {{ business_day("created_at") }} as transaction_date,
            company_id,
            id,
            amount,
            status,
            created_at,
            updated_at,

            source_id,
            load_id,
            row_number
        from charges
        where {{ is_summarised("status") }}

    )

select *
from final
