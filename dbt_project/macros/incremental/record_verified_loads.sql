{% macro record_verified_loads(results) %}
    {% set loads = ref("stg_loads") %}
    {% if execute and stays_in_place() %}
        {% set tests = results | selectattr("node.resource_type", "equalto", "test") | list %}
        {% set names = tests | map(attribute="node.name") | list %}
        {% set broken = tests | selectattr("status", "in", ["fail", "error", "skipped"]) | list %}
        {% if "conservation" in names and "every_load_is_complete" in names and not broken %}
            update {{ loads }} set is_verified = true where not is_verified
        {% endif %}
    {% endif %}
{% endmacro %}
