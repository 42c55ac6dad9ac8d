{% macro evaluate_once() -%} {{ return(adapter.dispatch("evaluate_once")()) }} {%- endmacro %}

{# PostgreSQL merges subqueries unless they have an offset. Written as a number, it would keep parallel workers out. #}
{% macro postgres__evaluate_once() -%} offset '0' {%- endmacro %}
