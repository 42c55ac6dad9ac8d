{% macro utc_offset(text) -%} {{ return(adapter.dispatch("utc_offset")(text)) }} {%- endmacro %}

{% macro postgres__utc_offset(text) -%}
    cast(coalesce({{ text }}, '00:00') as interval)
{%- endmacro %}

{# The sign belongs to the minutes too. #}
{% macro spark__utc_offset(text) -%}
    {%- set offset = "coalesce(" ~ text ~ ", '+00:00')" -%}
    make_dt_interval(
        0,
        cast(left({{ offset }}, 3) as int),
        cast(concat(left({{ offset }}, 1), right({{ offset }}, 2)) as int)
    )
{%- endmacro %}
