{% macro record_verified_loads(results) %}
    {% set loads = ref("stg_loads") %}
    {% if execute and stays_in_place() %}
        {% set tests = results | selectattr("node.resource_type", "equalto", "test") | list %}
        {% set names = tests | map(attribute="node.name") | list %}
        {% set broken = tests | selectattr("status", "in", ["fail", "error", "skipped"]) | list %}
        {% set needed = ["every_load_is_complete", "conservation", "amounts_reconcile"] %}
        {% if not needed | reject("in", names) | list and not broken %}
            update {{ loads }}
            set is_verified = true
            where
                not is_verified
                -- The tests have not looked at what another build has added since.
                and arrived_at < '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}'
        {% endif %}
    {% endif %}
{% endmacro %}
