select
    cast(
        {{ dbt.string_literal(var("business_time_zone")) }} as {{ dbt.type_string() }}
    ) as time_zone
