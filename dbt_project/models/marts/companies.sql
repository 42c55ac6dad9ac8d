{{
    config(
        materialized=in_place(),
        incremental_strategy="upsert",
        unique_key=["company_id"],
    )
}}

-- depends_on: {{ ref("int_resolved_transactions") }}
with

    companies as (select * from {{ ref("int_companies") }}),

    final as (

        select
            company_id,
            company_name,
            first_arrived_at as created_at,
            last_arrived_at as updated_at,

            source_company_id as source_id
        from companies

    )

select *
from final
