{# `~` compares a whole text here. #}
{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ regular_expression(pattern) }})
{%- endmacro %}

{% macro duckdb__first_match(text, pattern) -%}
    nullif(regexp_extract({{ text }}, {{ regular_expression(pattern) }}), '')
{%- endmacro %}

{# DuckDB knows a year 0, and no date without hyphens. Of a number with an exponent it keeps only so many digits. #}
{% macro duckdb__try_cast(text, type) -%}
    {%- if type in ("date", "timestamp") -%} {%- set text = hyphenated_date(text) -%}
    {%- elif type.startswith("numeric") -%} {%- set text = without_exponent(text) -%}
    {%- endif -%}
    try_cast({{ text }} as {{ type }})
{%- endmacro %}

{# The same number, written as digits around a point, of which DuckDB reads all. Where the point comes to lie farther from
   the first digit than any number of a column reaches, the number is 0 or too large for all of them. #}
{% macro without_exponent(text) -%}
    {%- set mantissa = "regexp_replace(" ~ text ~ ", '[eE].*', '')" -%}
    {%- set all_digits = "regexp_replace(" ~ mantissa ~ ", '[^0-9]', '', 'g')" -%}
    {%- set digits = "ltrim(" ~ all_digits ~ ", '0')" -%}
    {%- set exponent = "try_cast(regexp_extract(" ~ text ~ ", '[eE](.*)$', 1) as integer)" -%}
    {%- set point = (
        "length(regexp_extract("
        ~ text
        ~ ", '^[+-]?([0-9]*)', 1)) - length("
        ~ all_digits
        ~ ") + length("
        ~ digits
        ~ ") + "
        ~ exponent
    ) -%}
    {%- set digits_before_point = "cast(greatest(" ~ point ~ ", 0) as integer)" -%}
    case
        when not {{ matches(text, "[eE]") }}
        then {{ text }}
        when {{ digits }} = '' or {{ point }} < -38
        then '0'
        when {{ point }} <= 38
        then
            concat(
                case when {{ text }} like '-%' then '-' end,
                rpad({{ digits }}, {{ digits_before_point }}, '0'),
                '.',
                repeat('0', {{ digits_before_point }} - ({{ point }})),
                substr({{ digits }}, {{ digits_before_point }} + 1)
            )
    end
{%- endmacro %}

{% macro duckdb__utc_offset(text) -%}
    cast(ltrim(coalesce({{ text }}, '00:00'), '+') as interval)
{%- endmacro %}

{% macro duckdb__json_text(json, key) -%}
    json_extract_string({{ json }}, '$.{{ key }}')
{%- endmacro %}

{% macro duckdb__each_json_pair(json, key, name) -%}
    cross join
        lateral(
            select key as name, value ->> '$' as value from json_each({{ json }}, '$.{{ key }}')
        ) as {{ name }}
{%- endmacro %}

{% macro duckdb__is_ascii(text) -%} strlen({{ text }}) = length({{ text }}) {%- endmacro %}

{# `trim` itself takes as long as all the rest of a row, and few texts begin or end with what it looks for. #}
{% macro duckdb__trim_characters(text, characters) -%}
    case
        when
            contains({{ characters }}, left({{ text }}, 1))
            or contains({{ characters }}, right({{ text }}, 1))
        then trim({{ text }}, {{ characters }})
        else {{ text }}
    end
{%- endmacro %}

{# `translate` is slow too. #}
{% macro duckdb__lower_ascii(text) -%}
    case when {{ is_ascii(text) }} then lower({{ text }}) else {{ default__lower_ascii(text) }} end
{%- endmacro %}

{% macro duckdb__sha256_hex(text) -%} sha256({{ text }}) {%- endmacro %}

{# Two digits of `hex` are a byte. #}
{% macro duckdb__escape_bytes(bytes) -%}
    array_to_string(
        list_transform(
            regexp_extract_all(hex({{ bytes }}), '..'),
            lambda byte: case
                when byte = '5C'
                then repeat(chr(92), 2)
                when byte between '01' and '7F'
                then chr(cast('0x' || byte as integer))
                else chr(92) || format('{:03o}', cast('0x' || byte as integer))
            end
        ),
        ''
    )
{%- endmacro %}

{# As in Spark, a query loses the length of a text. #}
{% macro duckdb__engine_type(type) %}
    {% set names = {
        "text": "VARCHAR",
        "bytea": "BLOB",
        "timestamptz": "TIMESTAMP WITH TIME ZONE",
    } %}
    {% if type.startswith("varchar") %} {{ return("VARCHAR") }} {% endif %}
    {{ return(names.get(type, type | replace(" ", "") | replace("numeric", "decimal") | upper)) }}
{% endmacro %}
