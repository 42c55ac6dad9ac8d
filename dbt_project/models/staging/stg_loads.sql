{{
    config(
        incremental_strategy="mirror",
        unique_key=["load_id"],
        merge_exclude_columns=["is_verified"],
    )
}}

with

    source as (select * from {{ source("raw", "loads") }}),

    renamed as (

        select
            load_id,
            source_name,
            rows_read,
            rows_loaded,
            rows_rejected,
            {{ without_zone("finished_at") }} as arrived_at,
            false as is_verified
        from source

    )

select *
from renamed
