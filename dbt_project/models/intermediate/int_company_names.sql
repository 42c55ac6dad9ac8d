{{
    config(
        materialized=in_place(),
        incremental_strategy="by_load",
        indexes=[{"columns": ["load_id"]}],
    )
}}

-- depends_on: {{ ref("stg_loads") }}
with

    transactions as (

        select * from {{ ref("stg_transactions") }} where load_id > {{ newest_load() }}

    ),

    counted as (

        select load_id, source_company_id, company_name, count(*) as row_count
        from transactions
        group by load_id, source_company_id, company_name

    )

select *
from counted
