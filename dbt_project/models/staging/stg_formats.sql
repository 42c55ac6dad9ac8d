with

    source as (select * from {{ source("raw", "loads") }} where meaning is not null),

    loads as (select * from {{ ref("stg_loads") }}),

    renamed as (

        select
            source.load_id,
            cast({{ json_text("source.meaning", "provider") }} as varchar(30)) as provider,
            {{
                translated_amount_marks(
                    json_text("source.meaning", "decimal_mark"),
                    json_text("source.meaning", "digit_group"),
                )
            }} as amount_marks,
            {{ json_text("source.meaning", "unit") }} as unit,
            {{ json_text("source.meaning", "date_order") }} as date_order,
            {{ json_text("source.meaning", "time_zone") }} as time_zone,
            {{ json_text("source.meaning", "company_id") }} as company_id,
            {{ json_text("source.meaning", "name") }} as company_name,
            {{ json_text("source.meaning", "status") }} as status,
            {{ json_text("source.meaning", "currency") }} as currency,
            {{ json_text("source.meaning", "statuses") }} is not null as has_statuses,
            {{ json_text("source.meaning", "time_zones") }} is not null as has_time_zones,
            coalesce({{ json_text("source.meaning", "negative") }}, '')
            = 'not_a_charge' as leaves_out_negative
        from source
        inner join loads on source.load_id = loads.load_id

    )

select *
from renamed
