with

    transactions as (select * from {{ ref("int_transactions") }}),

    counted as (

        select load_id, source_company_id, company_name, count(*) as row_count
        from transactions
        where source_company_id is not null
        group by load_id, source_company_id, company_name

    )

select *
from counted
