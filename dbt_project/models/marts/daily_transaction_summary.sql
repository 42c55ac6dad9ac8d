with

    charges as (select * from {{ ref("charges") }}),

    companies as (select * from {{ ref("companies") }}),

    -- Before the join, which then looks up a name for each day and company rather than for each
    -- charge.
    daily as (

        select
            {{ business_day("created_at") }} as transaction_date,
            company_id,
            cast(sum(amount) as numeric(38, 2)) as total_amount,
            count(*) as transaction_count
        from charges
        where {{ is_summarised("status") }}
        group by {{ business_day("created_at") }}, company_id

    ),

    final as (

        select
            daily.transaction_date,
            companies.company_name,
            companies.company_id,
            daily.total_amount,
            daily.transaction_count
        from daily
        inner join companies on daily.company_id = companies.company_id

    )

select *
from final
order by transaction_date desc, total_amount desc, company_id
