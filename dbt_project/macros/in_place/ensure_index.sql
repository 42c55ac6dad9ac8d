{% macro ensure_index(column, condition) %}
    {% set question %}
        select 1 from pg_index where indrelid = '{{ this }}'::regclass and indpred is not null
    {% endset %}
    {% if execute and stays_in_place() and not run_query(question).rows %}
        create index on {{ this }} ({{ column }}) where {{ condition }}
    {% endif %}
{% endmacro %}
