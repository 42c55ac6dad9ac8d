{% macro extract_location() -%}
    {#- As profiles.yml finds the checkout. -#}
    {%- set here = flags.PROFILES_DIR | string -%}
    {%- set checkout = here if here.startswith("/") else env_var("PWD", "") -%}
    {{- env_var("SPARK_EXTRACT", "") or checkout ~ "/exports/raw" -}}
{%- endmacro %}
