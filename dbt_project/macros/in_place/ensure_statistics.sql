{% macro ensure_statistics() %}
    {% set question %}
        select 1
        from pg_stats
        where schemaname = '{{ this.schema }}' and tablename = '{{ this.identifier }}'
        limit 1
    {% endset %}
    {% if execute and stays_in_place() and not run_query(question).rows %}
        analyze {{ this }}
    {% endif %}
{% endmacro %}
