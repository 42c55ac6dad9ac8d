{% macro evaluate_once() -%} {{ return(adapter.dispatch("evaluate_once")()) }} {%- endmacro %}

{# PostgreSQL merges subqueries unless they have an offset. Written as a number, it would keep parallel workers out. #}
{% macro postgres__evaluate_once() -%} offset '0' {%- endmacro %}

{# Spark does not merge a projection whose costly columns are used more than once. #}
{% macro spark__evaluate_once() -%} {%- endmacro %}
