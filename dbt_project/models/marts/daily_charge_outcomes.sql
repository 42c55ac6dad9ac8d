with

    charges as (select * from {{ ref("charges") }}),

    final as (

        select
            {{ business_day("created_at") }} as transaction_date,
            count(*) as charge_count,
            count(case when {{ was_paid("status") }} then 1 end) as paid_count,
            count(case when {{ was_given_back("status") }} then 1 end) as refunded_count,
            count(case when {{ was_charged_back("status") }} then 1 end) as charged_back_count
        from charges
        group by {{ business_day("created_at") }}

    )

select *
from final
