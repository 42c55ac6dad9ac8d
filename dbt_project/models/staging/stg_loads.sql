{{ config(materialized="incremental", incremental_strategy="mirror", unique_key="load_id") }}

with

    source as (select * from {{ source("raw", "loads") }}),

    renamed as (

        select
            load_id,
            source_name,
            rows_read,
            rows_loaded,
            rows_rejected,
            finished_at at time zone 'utc' as arrived_at
        from source

    )

select *
from renamed
