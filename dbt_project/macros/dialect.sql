{# What engines write differently. PostgreSQL's own is here, and what another writes the same; what only others write is in
   folders of their own. #}
{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch("matches")(text, pattern)) }}
{%- endmacro %}

{% macro postgres__matches(text, pattern) -%} {{ text }} ~ '{{ pattern }}' {%- endmacro %}

{% macro regular_expression(pattern) -%}
    {{ return(adapter.dispatch("regular_expression")(pattern)) }}
{%- endmacro %}

{% macro default__regular_expression(pattern) -%} '{{ pattern }}' {%- endmacro %}

{% macro first_match(text, pattern) -%}
    {{ return(adapter.dispatch("first_match")(text, pattern)) }}
{%- endmacro %}

{% macro default__first_match(text, pattern) -%}
    regexp_substr({{ text }}, {{ regular_expression(pattern) }})
{%- endmacro %}

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

{# For engines that know a year 0, and a date without hyphens as none or as a year of eight digits. #}
{% macro hyphenated_date(text) -%}
    case
        when {{ text }} not like '0000%'
        then {{ rearrange(text, "^([0-9]{4})([0-9]{2})([0-9]{2})", "{1}-{2}-{3}") }}
    end
{%- endmacro %}

{% macro utc_offset(text) -%} {{ return(adapter.dispatch("utc_offset")(text)) }} {%- endmacro %}

{% macro postgres__utc_offset(text) -%}
    cast(coalesce({{ text }}, '00:00') as interval)
{%- endmacro %}

{% macro without_zone(time) -%} {{ return(adapter.dispatch("without_zone")(time)) }} {%- endmacro %}

{% macro default__without_zone(time) -%} {{ time }} at time zone 'utc' {%- endmacro %}

{% macro in_time_zone(time, zone) -%}
    {{ return(adapter.dispatch("in_time_zone")(time, zone)) }}
{%- endmacro %}

{% macro default__in_time_zone(time, zone) -%}
    {{ time }} at time zone 'utc' at time zone {{ dbt.string_literal(zone) }}
{%- endmacro %}

{% macro from_time_zone(time, zone) -%}
    {{ return(adapter.dispatch("from_time_zone")(time, zone)) }}
{%- endmacro %}

{% macro default__from_time_zone(time, zone) -%}
    {{ time }} at time zone {{ zone }} at time zone 'utc'
{%- endmacro %}

{% macro rearrange(text, pattern, order) -%}
    {{ return(adapter.dispatch("rearrange")(text, pattern, order)) }}
{%- endmacro %}

{% macro default__rearrange(text, pattern, order) -%}
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

{% macro is_ascii(text) -%} {{ return(adapter.dispatch("is_ascii")(text)) }} {%- endmacro %}

{% macro default__is_ascii(text) -%} octet_length({{ text }}) = length({{ text }}) {%- endmacro %}

{% macro trim_characters(text, characters) -%}
    {{ return(adapter.dispatch("trim_characters")(text, characters)) }}
{%- endmacro %}

{% macro default__trim_characters(text, characters) -%}
    btrim({{ text }}, {{ characters }})
{%- endmacro %}

{% macro lower_ascii(text) -%} {{ return(adapter.dispatch("lower_ascii")(text)) }} {%- endmacro %}

{% macro default__lower_ascii(text) -%}
    translate({{ text }}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
{%- endmacro %}

{% macro postgres__lower_ascii(text) -%}
    lower({{ text }} collate "C") collate "default"
{%- endmacro %}

{% macro by_bytes(text) -%} {{ return(adapter.dispatch("by_bytes")(text)) }} {%- endmacro %}

{% macro default__by_bytes(text) -%} {{ text }} {%- endmacro %}

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

{# Others do not merge a projection whose costly columns are used more than once. #}
{% macro default__evaluate_once() -%} {%- endmacro %}

{# PostgreSQL merges subqueries unless they have an offset. Written as a number, it would keep parallel workers out. #}
{% macro postgres__evaluate_once() -%} offset '0' {%- endmacro %}

{# Where the marts are a file, it is complete after a build. #}
{% macro complete_file() %} {{ return(adapter.dispatch("complete_file")()) }} {% endmacro %}

{% macro default__complete_file() %} {% endmacro %}

{# What this engine calls a type of a contract. #}
{% macro default__engine_type(type) %} {{ return(type) }} {% endmacro %}
