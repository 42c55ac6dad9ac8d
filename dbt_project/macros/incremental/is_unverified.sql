{% macro is_unverified(load_id) %}
    {% set loads = ref("stg_loads") %}
    {% if var("audit") or not stays_in_place() -%} true
    {%- elif execute -%}
        {% set question %}
            select min(load_id) filter (where not is_verified), max(load_id) from {{ loads }}
        {% endset %}
        {% set first_load, last_load = run_query(question).rows[0].values() %}
        {{-
            (
                load_id ~ " between " ~ first_load ~ " and " ~ last_load
                if first_load is not none
                else "false"
            )
        }}
    {%- endif %}
{% endmacro %}
