{% macro fit_identifier(source_id) -%}
    case
        when length({{ source_id }}) <= 24
        then {{ source_id }}
        -- A truncated digest is a digest.
        when {{ matches(source_id, "^[0-9a-f]+$") }}
        then left({{ source_id }}, 24)
        else left({{ sha256_hex(source_id) }}, 24)
    end
{%- endmacro %}
