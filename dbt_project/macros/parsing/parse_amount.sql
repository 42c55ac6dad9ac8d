{% macro parse_amount(text) -%}
    case
        -- Nearly every amount: so short that it fits whatever its digits are.
        when length({{ text }}) <= 14 and {{ matches(text, "^[0-9]+[.]?[0-9]*$") }}
        then cast({{ text }} as numeric(16, 2))
        when not {{ matches(text, "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$") }}
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
