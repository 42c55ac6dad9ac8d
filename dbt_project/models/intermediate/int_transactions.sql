{{
    config(
        materialized="incremental",
        incremental_strategy="mirror",
        unique_key=["load_id", "row_number"],
        pre_hook="set local parallel_tuple_cost = 0",
    )
}}

with

    transactions as (select * from {{ ref("stg_transactions") }}),

    kept as (

        select
            load_id,
            row_number,
            source_id,
            charge_id,
            source_company_id,
            company_name,
            amount,
            status,
            created_at,
            paid_at,
            reasons
        from transactions

    )

select *
from kept
