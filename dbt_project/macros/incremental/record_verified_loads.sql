{% macro record_verified_loads(results) %}
    {% set loads = ref("stg_loads") %}
    {% if execute and stays_in_place() %}
        {% set tests = results | selectattr("node.resource_type", "equalto", "test") | list %}
        {% set broken = tests | selectattr("status", "in", ["fail", "error", "skipped"]) | list %}
        {# Up to which load each of them has looked: another build may have added more since. #}
        {% set last_loads = [] %}
        {% for name in ["every_load_is_complete", "conservation", "amounts_reconcile"] %}
            {% set code = (
                tests
                | selectattr("node.name", "equalto", name)
                | map(attribute="node.compiled_code")
                | join
            ) %}
            {% set looked_at = modules.re.findall("load_id between [0-9]+ and ([0-9]+)", code) %}
            {% do last_loads.append(looked_at | map("int") | min if looked_at else 0) %}
        {% endfor %}
        {% if not broken %}
            update {{ loads }} set is_verified = true where not is_verified and load_id <= {{ last_loads | min }}
        {% endif %}
    {% endif %}
{% endmacro %}
