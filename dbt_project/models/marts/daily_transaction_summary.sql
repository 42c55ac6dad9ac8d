{{ config(materialized="view") }}

with

    charges as (select * from {{ ref("charges") }}),

    companies as (select * from {{ ref("companies") }}),

    final as (

        select
            cast(charges.created_at as date) as transaction_date,
            companies.company_name,
            companies.company_id,
            cast(sum(charges.amount) as numeric(38, 2)) as total_amount,
            count(*) as transaction_count
        from charges
        inner join companies on charges.company_id = companies.company_id
        where charges.status in ('paid', 'refunded')
        group by cast(charges.created_at as date), companies.company_id, companies.company_name

    )

select *
from final
order by transaction_date desc, total_amount desc
