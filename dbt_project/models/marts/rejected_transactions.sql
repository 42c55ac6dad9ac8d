{{
    config(
        materialized=in_place(),
        incremental_strategy="mirror",
        unique_key=["load_id", "row_number"],
    )
}}

with

    transactions as (select * from {{ ref("int_resolved_transactions") }}),

    unreadable_rows as (select * from {{ ref("stg_rejected_rows") }}),

    loads as (select * from {{ ref("stg_loads") }}),

    rejected as (

        select
            load_id,
            row_number,
            reasons,

            raw_id as id,
            raw_name as name,
            raw_company_id as company_id,
            raw_amount as amount,
            raw_status as status,
            raw_created_at as created_at,
            raw_paid_at as paid_at,
            cast(null as {{ dbt.type_string() }}) as record
        from transactions
        where
            reasons is not null
            -- Says the same of few rows, which an index finds.
            and not is_settled

        union all

        select
            load_id,
            row_number,
            reasons,

            null as id,
            null as name,
            null as company_id,
            null as amount,
            null as status,
            null as created_at,
            null as paid_at,
            record
        from unreadable_rows

    ),

    final as (

        select
            rejected.load_id,
            rejected.row_number,
            loads.source_name,
            rejected.reasons,

            rejected.id,
            rejected.name,
            rejected.company_id,
            rejected.amount,
            rejected.status,
            rejected.created_at,
            rejected.paid_at,
            rejected.record
        from rejected
        inner join loads on rejected.load_id = loads.load_id

    )

select *
from final
