{% macro parse_timestamp(text) -%}
    {%- set date = "[0-9]{4}(-[0-9]{2}-[0-9]{2}|[0-9]{4})" -%}
    {%- set time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?" -%}
    {%- set offset = "[+-]([01][0-9]|2[0-3]):[0-5][0-9]" -%}
    {%- set local_text = (
        "regexp_replace("
        ~ text
        ~ ", "
        ~ regular_expression("(Z|" ~ offset ~ ")$")
        ~ ", '')"
    ) -%}
    {%- set offset_text = (
        "regexp_substr(" ~ text ~ ", " ~ regular_expression(offset ~ "$") ~ ")"
    ) -%}
    {%- set local_time = try_time(local_text, "timestamp") -%}
    {%- set utc = local_time ~ " - " ~ utc_offset(offset_text) -%}
    case
        -- Nearly every row: ten characters that read as a date and print as the same ten.
        when
            length({{ text }}) = 10
            and cast({{ try_time(text, "date") }} as {{ dbt.type_string() }}) = {{ text }}
        then cast({{ text }} as timestamp)
        when not {{ matches(text, "^" ~ date ~ "([T ]" ~ time ~ "(Z|" ~ offset ~ ")?)?$") }}
        then null
        -- Few programs read years beyond these; an offset may lead there.
        when
            {{ utc }} between cast('0001-01-01' as timestamp) and cast(
                '9999-12-31 23:59:59.999999' as timestamp
            )
        then {{ utc }}
    end
{%- endmacro %}
