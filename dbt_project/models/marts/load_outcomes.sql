with

    loads as (select * from {{ ref("stg_loads") }}),

    formats as (select * from {{ ref("stg_formats") }}),

    rejected as (

        select
            load_id,
            count(case when {{ is_left_out("reasons") }} then 1 end) as rows_left_out,
            count(case when not {{ is_left_out("reasons") }} then 1 end) as rows_rejected
        from {{ ref("rejected_transactions") }}
        group by load_id

    ),

    final as (

        select
            loads.load_id,
            loads.source_name,
            loads.format,
            formats.provider,
            loads.arrived_at as loaded_at,
            loads.rows_read,
            coalesce(rejected.rows_rejected, 0) as rows_rejected,
            coalesce(rejected.rows_left_out, 0) as rows_left_out
        from loads
        left join formats on loads.load_id = formats.load_id
        left join rejected on loads.load_id = rejected.load_id

    )

select *
from final
