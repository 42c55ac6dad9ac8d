{% macro ensure_foreign_key(column, parent) %}
    {% set question %}
        select 1
        from pg_constraint
        where
            contype = 'f' and conrelid = '{{ this }}'::regclass and confrelid = '{{ parent }}'::regclass
    {% endset %}
    {% if execute and stays_in_place() and not run_query(question).rows %}
        alter table {{ this }} add foreign key ({{ column }}) references {{ parent }} ({{ column }})
    {% endif %}
{% endmacro %}
