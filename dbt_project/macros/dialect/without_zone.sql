{% macro without_zone(time) -%} {{ return(adapter.dispatch("without_zone")(time)) }} {%- endmacro %}

{% macro postgres__without_zone(time) -%} {{ time }} at time zone 'utc' {%- endmacro %}

{# By the time zone of the session, which is UTC: require_supported_server sees to that. #}
{% macro spark__without_zone(time) -%} cast({{ time }} as timestamp_ntz) {%- endmacro %}
