{% macro stays_in_place() %} {{ return(adapter.dispatch("stays_in_place")()) }} {% endmacro %}

{% macro default__stays_in_place() %} {{ return(false) }} {% endmacro %}

{% macro postgres__stays_in_place() %} {{ return(true) }} {% endmacro %}
