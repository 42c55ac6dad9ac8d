{% macro lower_ascii(text) -%} {{ return(adapter.dispatch("lower_ascii")(text)) }} {%- endmacro %}

{% macro postgres__lower_ascii(text) -%}
    lower({{ text }} collate "C") collate "default"
{%- endmacro %}

{% macro spark__lower_ascii(text) -%}
    translate({{ text }}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
{%- endmacro %}
