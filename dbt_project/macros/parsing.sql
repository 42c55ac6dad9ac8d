{% macro fit_identifier(source_id) -%}
    case
        when length({{ source_id }}) <= 24
        then {{ source_id }}
        -- A truncated digest is a digest. Decimal digits alone are none, but a number with zeros
        -- before it.
        when {{ matches(source_id, "^[0-9]*[a-f][0-9a-f]*$") }}
        then left({{ source_id }}, 24)
        else left({{ sha256_hex(source_id) }}, 24)
    end
{%- endmacro %}

{% macro parse_amount(text) -%}
    case
        -- Nearly every amount: so short that it fits whatever its digits are.
        when length({{ text }}) <= 14 and {{ matches(text, "^[0-9]+[.]?[0-9]*$") }}
        then cast({{ text }} as numeric(16, 2))
        when not {{ matches(text, "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$") }}
        then null
        -- Zero is zero whatever its sign and its exponent.
        when {{ matches(text, "^[+-]?[0.]+([eE]|$)") }}
        then 0
        when {{ text }} like '-%'
        then null
        -- Less than a cent, by an exponent that not every engine reads.
        when {{ matches(text, "[eE]-0*[1-9][0-9]{7}") }}
        then 0
        else {{ try_cast(text, "numeric(16,2)") }}
    end
{%- endmacro %}

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
    {%- set offset_text = first_match(text, offset ~ "$") -%}
    {%- set local_time = try_cast(local_text, "timestamp") -%}
    {%- set utc = local_time ~ " - " ~ utc_offset(offset_text) -%}
    case
        -- A charge that nobody has paid has none, and need not go through all the rest.
        when {{ text }} is null
        then null
        -- Nearly every other row: ten characters that read as a date and print as the same ten.
        when
            length({{ text }}) = 10
            and cast({{ try_cast(text, "date") }} as {{ dbt.type_string() }}) = {{ text }}
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

{% macro trim_whitespace(text) -%}
    nullif({{ trim_characters(text, "' \t\n\r\f\v'") }}, '')
{%- endmacro %}

{# Also the white space of Unicode and what has no width. Of text in ASCII, which is shorter to look at, there is none. #}
{% macro trim_unicode_whitespace(text) -%}
    {%- set spaces = " \t\n\r\f\v\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" -%}
    case
        when {{ is_ascii(text) }}
        then {{ trim_whitespace(text) }}
        else nullif({{ trim_characters(text, dbt.string_literal(spaces)) }}, '')
    end
{%- endmacro %}
