{% macro try_time(text, type) -%}
    {{ return(adapter.dispatch("try_time")(text, type)) }}
{%- endmacro %}

{% macro postgres__try_time(text, type) -%} {{ try_cast(text, type) }} {%- endmacro %}

{# Spark knows a year 0, and a date without hyphens only as a year of eight digits. #}
{% macro spark__try_time(text, type) -%}
    {%- set readable -%}
        case
            when {{ text }} not like '0000%'
            then regexp_replace({{ text }}, '^([0-9]{4})([0-9]{2})([0-9]{2})', '$1-$2-$3')
        end
    {%- endset -%}
    {{ try_cast(readable, type) }}
{%- endmacro %}
