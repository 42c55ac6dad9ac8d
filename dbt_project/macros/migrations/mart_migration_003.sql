{# Gives `charges` the time at which a row last changed, and lets its indexes follow the business day. #}
{% macro mart_migration_003() %}
    {% set charges = own_relation("charges") %}
    -- With a default that is the same for all rows, none of them is written again.
    alter table {{ charges }} add column changed_at timestamp not null default (
        transaction_timestamp() at time zone 'utc'
    )
    ;
    alter table {{ charges }} alter column changed_at drop default
    ;
    create index on {{ charges }} using brin (changed_at)
    ;
    {# dbt made up the names of these. #}
    do $$
    declare
        replaced regclass;
    begin
        for replaced in
            select indexrelid::regclass
            from pg_index
            where
                indrelid = '{{ charges }}'::regclass
                and pg_get_expr(indexprs, indrelid) = '(created_at)::date'
        loop
            execute format('drop index %s', replaced);
        end loop;
    end
    $$
{% endmacro %}
