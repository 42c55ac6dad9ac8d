{% macro spark__matches(text, pattern) -%}
    {{ text }} rlike {{ regular_expression(pattern) }}
{%- endmacro %}

{# Java's `$` also stands before a line end that is the last character. #}
{% macro spark__regular_expression(pattern) -%}
    '{{ pattern | replace("$", "(?!(?s:.))") }}'
{%- endmacro %}

{% macro spark__try_cast(text, type) -%}
    {%- if type in ("date", "timestamp") -%} {%- set text = hyphenated_date(text) -%} {%- endif -%}
    try_cast({{ text }} as {{ type }})
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

{# By the time zone of the session, which is UTC: require_supported_server sees to that. #}
{% macro spark__without_zone(time) -%} cast({{ time }} as timestamp_ntz) {%- endmacro %}

{% macro spark__in_time_zone(time, zone) -%}
    convert_timezone('UTC', {{ dbt.string_literal(zone) }}, {{ time }})
{%- endmacro %}

{# When clocks are put back, an hour of theirs is there twice. As in PostgreSQL, the second one is meant. #}
{% macro spark__from_time_zone(time, zone) -%}
    {%- set first = "convert_timezone(" ~ zone ~ ", 'UTC', " ~ time ~ ")" -%}
    {%- set second = first ~ " + interval 1 hour" -%}
    case
        when convert_timezone('UTC', {{ zone }}, {{ second }}) = {{ time }}
        then {{ second }}
        else {{ first }}
    end
{%- endmacro %}

{% macro spark__rearrange(text, pattern, order) -%}
    regexp_replace(
        {{ text }},
        {{ regular_expression(pattern) }},
        '{{ order | replace("{", "$") | replace("}", "") }}'
    )
{%- endmacro %}

{% macro spark__json_text(json, key) -%} get_json_object({{ json }}, '$.{{ key }}') {%- endmacro %}

{% macro spark__each_json_pair(json, key, name) -%}
    lateral view
        explode(
            from_json(get_json_object({{ json }}, '$.{{ key }}'), 'map<string,string>')
        ) {{ name }} as name,
        value
{%- endmacro %}

{% macro spark__sha256_hex(text) -%} sha2({{ text }}, 256) {%- endmacro %}

{# Latin-1 gives each byte a character of its own, whose number is the byte. #}
{% macro spark__escape_bytes(bytes) -%}
    array_join(
        transform(
            split(decode({{ bytes }}, 'ISO-8859-1'), ''),
            character -> case
                when character = ''
                then ''
                when character = char(92)
                then concat(char(92), char(92))
                when ascii(character) between 1 and 127
                then character
                else concat(char(92), lpad(conv(ascii(character), 10, 8), 3, '0'))
            end
        ),
        ''
    )
{%- endmacro %}

{# Spark keeps the length of a text only in its own tables' definitions, and a query loses it. #}
{% macro spark__engine_type(type) %}
    {% set type = type | replace(" ", "") | replace("numeric", "decimal") %}
    {% if type == "text" or type.startswith("varchar") %} {{ return("string") }} {% endif %}
    {% set names = {
        "bytea": "binary",
        "timestamp": "timestamp_ntz",
        "timestamptz": "timestamp_ltz",
    } %}
    {{ return(names.get(type, type)) }}
{% endmacro %}
