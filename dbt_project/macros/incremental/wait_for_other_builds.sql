{% macro wait_for_other_builds() %}
    {% if builds_on_what_is_there() %}
        select pg_advisory_xact_lock('{{ this }}'::regclass::oid::bigint)
    {% endif %}
{% endmacro %}
