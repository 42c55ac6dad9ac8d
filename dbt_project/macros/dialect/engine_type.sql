{% macro engine_type(type) %} {{ return(adapter.dispatch("engine_type")(type)) }} {% endmacro %}

{% macro default__engine_type(type) %} {{ return(type) }} {% endmacro %}

{# Spark keeps the length of a text only in its own tables' definitions, and a query loses it. #}
{% macro spark__engine_type(type) %}
    {% set type = type | replace(" ", "") | replace("numeric", "decimal") %}
    {% if type == "text" or type.startswith("varchar") %} {{ return("string") }} {% endif %}
    {{ return({"timestamp": "timestamp_ntz"}.get(type, type)) }}
{% endmacro %}
