with

    source as (select * from {{ source("raw", "rejected_rows") }}),

    loads as (select * from {{ ref("stg_loads") }}),

    renamed as (

        select
            source.load_id,
            source.row_number,
            source.reason as reasons,
            {{ escape_bytes("source.record") }} as record
        from source
        inner join loads on source.load_id = loads.load_id

    )

select *
from renamed
