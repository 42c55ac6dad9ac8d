{% macro regular_expression(pattern) -%}
    {{ return(adapter.dispatch("regular_expression")(pattern)) }}
{%- endmacro %}

{% macro postgres__regular_expression(pattern) -%} '{{ pattern }}' {%- endmacro %}

{# Java's `$` also stands before a line end that is the last character. #}
{% macro spark__regular_expression(pattern) -%}
    '{{ pattern | replace("$", "(?!(?s:.))") }}'
{%- endmacro %}
