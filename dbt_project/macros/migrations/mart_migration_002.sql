{% macro mart_migration_002() %}
    {% set charges = own_relation("charges") %}
    create index on {{ charges }} ((cast(created_at as date)), company_id, created_at, amount, status)
    ;
    {# Takes the place of the index on the day alone, which is known by what it is on: dbt makes up its name. #}
    do $$
    declare
        replaced regclass;
    begin
        select indexrelid::regclass into replaced
        from pg_index
        where
            indrelid = '{{ charges }}'::regclass
            and indnatts = 1
            and pg_get_expr(indexprs, indrelid) = '(created_at)::date';
        if replaced is not null then
            execute format('drop index %s', replaced);
        end if;
    end
    $$
{% endmacro %}
