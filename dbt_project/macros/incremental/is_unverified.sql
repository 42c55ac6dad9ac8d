{% macro is_unverified(load_id) %}
    {% set loads = ref("stg_loads") %}
    {% if var("audit") or not stays_in_place() -%} true
    {%- elif execute -%}
        {% set question = "select min(load_id) from " ~ loads ~ " where not is_verified" %}
        {% set first_load = run_query(question).columns[0][0] %}
        {{- load_id ~ " >= " ~ first_load if first_load is not none else "false" }}
    {%- endif %}
{% endmacro %}
