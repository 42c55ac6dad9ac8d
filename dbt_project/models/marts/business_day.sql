with

    loads as (select * from {{ ref("stg_loads") }}),

    final as (

        select
            cast(
                {{ dbt.string_literal(var("business_time_zone")) }} as {{ dbt.type_string() }}
            ) as time_zone,
            -- That on which it arrived was not over.
            {{ business_day("max(arrived_at)") }} - 1 as last_complete_day
        from loads

    )

select *
from final
