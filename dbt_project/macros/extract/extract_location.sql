{% macro extract_location() -%}
    {#- As profiles.yml finds the checkout. -#}
    {%- set here = flags.PROFILES_DIR | string -%}
    {%- set checkout = here if here.startswith("/") else env_var("PWD", "") -%}
    {%- set location = env_var("SPARK_EXTRACT", "") or "exports/raw" -%}
    {#- Spark would take a relative one to be below the directory of its tables. -#}
    {{- location if location.startswith("/") or ":" in location else checkout ~ "/" ~ location -}}
{%- endmacro %}
