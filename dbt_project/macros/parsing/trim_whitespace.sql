{% macro trim_whitespace(text) -%}
    nullif(btrim({{ text }}, '{{ " \t\n\r\f\v" }}'), '')
{%- endmacro %}
