with

    loads as (select * from {{ ref("stg_loads") }}),

    rejected as (

        select load_id, count(*) as rows_rejected
        from {{ ref("rejected_transactions") }}
        group by load_id

    ),

    final as (

        select
            loads.load_id,
            loads.source_name,
            loads.arrived_at as loaded_at,
            loads.rows_read,
            coalesce(rejected.rows_rejected, 0) as rows_rejected
        from loads
        left join rejected on loads.load_id = rejected.load_id

    )

select *
from final
