{% macro try_cast(text, type) -%}
    {{ return(adapter.dispatch("try_cast")(text, type)) }}
{%- endmacro %}

{# PostgreSQL's own cast cannot fail softly, and it reads 1e-20000 before it rounds it, which fails. #}
{% macro postgres__try_cast(text, type) -%}
    json_value(to_jsonb({{ text }}), '$' returning {{ type }} null on error)
{%- endmacro %}

{% macro spark__try_cast(text, type) -%} try_cast({{ text }} as {{ type }}) {%- endmacro %}
