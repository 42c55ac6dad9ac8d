{{ config(materialized="incremental", incremental_strategy="mirror", unique_key="id") }}

with

    transactions as (select * from {{ ref("int_resolved_transactions") }}),

    versions as (

        select
            *,
            row_number() over version as version_number,
            lead(load_id) over version is null as is_latest
        from transactions
        where reasons is null
        window version as (partition by source_id order by load_id, row_number)

    ),

    final as (

        select
            charge_id as id,
            company_id,
            amount,
            status,
            created_at,
            paid_at as updated_at,

            source_id,
            load_id,
            row_number,
            version_number - 1 as superseded_rows
        from versions
        where is_latest

    )

select *
from final
