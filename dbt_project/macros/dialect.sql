{# What engines write differently. PostgreSQL's own is here; the others' are in folders of their own. #}
{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch("matches")(text, pattern)) }}
{%- endmacro %}

{% macro postgres__matches(text, pattern) -%} {{ text }} ~ '{{ pattern }}' {%- endmacro %}

{% macro regular_expression(pattern) -%}
    {{ return(adapter.dispatch("regular_expression")(pattern)) }}
{%- endmacro %}

{% macro postgres__regular_expression(pattern) -%} '{{ pattern }}' {%- endmacro %}

{% macro try_cast(text, type) -%}
    {{ return(adapter.dispatch("try_cast")(text, type)) }}
{%- endmacro %}

{# PostgreSQL's own cast cannot fail softly. To ask first reads a text twice, in half the time of `json_value`. But an
   exponent that is too long fails even in the question. #}
{% macro postgres__try_cast(text, type) -%}
    {%- if type.startswith("numeric") -%}
        json_value(to_jsonb({{ text }}), '$' returning {{ type }} null on error)
    {%- else -%}
        case
            when pg_input_is_valid({{ text }}, '{{ type }}') then cast({{ text }} as {{ type }})
        end
    {%- endif -%}
{%- endmacro %}

{% macro utc_offset(text) -%} {{ return(adapter.dispatch("utc_offset")(text)) }} {%- endmacro %}

{% macro postgres__utc_offset(text) -%}
    cast(coalesce({{ text }}, '00:00') as interval)
{%- endmacro %}

{% macro without_zone(time) -%} {{ return(adapter.dispatch("without_zone")(time)) }} {%- endmacro %}

{% macro postgres__without_zone(time) -%} {{ time }} at time zone 'utc' {%- endmacro %}

{% macro in_time_zone(time, zone) -%}
    {{ return(adapter.dispatch("in_time_zone")(time, zone)) }}
{%- endmacro %}

{% macro postgres__in_time_zone(time, zone) -%}
    {{ time }} at time zone 'utc' at time zone {{ dbt.string_literal(zone) }}
{%- endmacro %}

{% macro from_time_zone(time, zone) -%}
    {{ return(adapter.dispatch("from_time_zone")(time, zone)) }}
{%- endmacro %}

{% macro postgres__from_time_zone(time, zone) -%}
    {{ time }} at time zone {{ zone }} at time zone 'utc'
{%- endmacro %}

{% macro rearrange(text, pattern, order) -%}
    {{ return(adapter.dispatch("rearrange")(text, pattern, order)) }}
{%- endmacro %}

{% macro postgres__rearrange(text, pattern, order) -%}
    regexp_replace(
        {{ text }},
        {{ regular_expression(pattern) }},
        '{{ order | replace("{", "\\") | replace("}", "") }}'
    )
{%- endmacro %}

{% macro json_text(json, key) -%}
    {{ return(adapter.dispatch("json_text")(json, key)) }}
{%- endmacro %}

{% macro postgres__json_text(json, key) -%} {{ json }} ->> '{{ key }}' {%- endmacro %}

{% macro each_json_pair(json, key, name) -%}
    {{ return(adapter.dispatch("each_json_pair")(json, key, name)) }}
{%- endmacro %}

{% macro postgres__each_json_pair(json, key, name) -%}
    cross join lateral jsonb_each_text({{ json }} -> '{{ key }}') as {{ name }} (name, value)
{%- endmacro %}

{% macro lower_ascii(text) -%} {{ return(adapter.dispatch("lower_ascii")(text)) }} {%- endmacro %}

{% macro postgres__lower_ascii(text) -%}
    lower({{ text }} collate "C") collate "default"
{%- endmacro %}

{% macro by_bytes(text) -%} {{ return(adapter.dispatch("by_bytes")(text)) }} {%- endmacro %}

{% macro postgres__by_bytes(text) -%} {{ text }} collate "C" {%- endmacro %}

{% macro sha256_hex(text) -%} {{ return(adapter.dispatch("sha256_hex")(text)) }} {%- endmacro %}

{% macro postgres__sha256_hex(text) -%}
    encode(sha256(convert_to({{ text }}, 'UTF8')), 'hex')
{%- endmacro %}

{% macro escape_bytes(bytes) -%}
    {{ return(adapter.dispatch("escape_bytes")(bytes)) }}
{%- endmacro %}

{% macro postgres__escape_bytes(bytes) -%} encode({{ bytes }}, 'escape') {%- endmacro %}

{% macro evaluate_once() -%} {{ return(adapter.dispatch("evaluate_once")()) }} {%- endmacro %}

{# PostgreSQL merges subqueries unless they have an offset. Written as a number, it would keep parallel workers out. #}
{% macro postgres__evaluate_once() -%} offset '0' {%- endmacro %}

{# Where the tables of `raw` are files of an extract, they are attached before a build. #}
{% macro attach_extract() %} {{ return(adapter.dispatch("attach_extract")()) }} {% endmacro %}

{% macro default__attach_extract() %} {% endmacro %}

{# What this engine calls a type of a contract. #}
{% macro default__engine_type(type) %} {{ return(type) }} {% endmacro %}
