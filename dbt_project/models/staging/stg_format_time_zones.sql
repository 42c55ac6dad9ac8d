with

    source as (select * from {{ source("raw", "loads") }} where meaning is not null),

    loads as (select * from {{ ref("stg_loads") }}),

    pairs as (

        select source.load_id, pairs.name, pairs.value
        from source
        inner join
            loads on source.load_id = loads.load_id
            {{ each_json_pair("source.meaning", "time_zones", "pairs") }}

    ),

    final as (

        select load_id, {{ lower_ascii("name") }} as source_time_zone, min(value) as time_zone
        from pairs
        group by load_id, {{ lower_ascii("name") }}

    )

select *
from final
