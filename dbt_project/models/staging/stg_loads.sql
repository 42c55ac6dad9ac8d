{{
    config(
        materialized=in_place(),
        incremental_strategy="mirror",
        unique_key=["load_id"],
        post_hook="{{ begin_checks(this) }}",
    )
}}

with

    source as (select * from {{ source("raw", "loads") }}),

    renamed as (

        select
            load_id,
            source_name,
            format,
            meaning is not null as is_translated,
            rows_read,
            rows_loaded,
            rows_rejected,
            {{ without_zone("finished_at") }} as arrived_at
        from source

    )

select *
from renamed
