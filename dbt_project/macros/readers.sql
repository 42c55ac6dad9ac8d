{# How a build gets a relation for itself without keeping readers from theirs. #}
{# A statement that needs a relation for itself. Whoever comes later waits behind one that waits, so it is given up after
   half a second and tried again later: meanwhile readers go on, and the build waits for the longest of them alone. #}
{% macro when_nobody_reads(statement) %}
    do $retry$
    declare
        lock_timeout text = current_setting('lock_timeout');
    begin
        loop
            begin
                perform set_config('lock_timeout', '500ms', true);
                execute {{ dbt.string_literal(dbt.escape_single_quotes(statement)) }};
                perform set_config('lock_timeout', lock_timeout, true);
                exit;
            exception
                when lock_not_available then
                    -- Two builds need not keep in step.
                    perform pg_sleep(1 + random());
            end;
        end loop;
    end
    $retry$
{% endmacro %}

{# So that whoever watches a build knows for whom it waits. #}
{% macro tell_of_readers(relation) %}
    {% set question %}
        select
            'process ' || locks.pid || coalesce(' (' || sessions.usename || ', ' || sessions.application_name || ')', '')
        from pg_locks as locks
        left join pg_stat_activity as sessions on locks.pid = sessions.pid
        where
            locks.relation = to_regclass('{{ relation.render() }}')
            and locks.database = (select oid from pg_database where datname = current_database())
            and locks.granted
            and locks.pid <> pg_backend_pid()
    {% endset %}
    {% set readers = run_query(question).columns[0].values() %}
    {% if readers %}
        {% do log(
            relation.identifier
            ~ " is replaced once nobody reads it; current readers: "
            ~ readers
            | join(", "),
            info=true,
        ) %}
    {% endif %}
{% endmacro %}

{# dbt's own let readers queue behind them. #}
{% macro postgres__rename_relation(from_relation, to_relation) %}
    {% call statement("rename_relation") %}
        {{
            when_nobody_reads(
                "alter table "
                ~ from_relation.render()
                ~ " rename to "
                ~ adapter.quote(to_relation.identifier)
            )
        }}
    {% endcall %}
{% endmacro %}

{% macro postgres__drop_relation(relation) %}
    {% call statement("drop_relation", auto_begin=False) %}
        {{ when_nobody_reads(get_drop_sql(relation)) }}
    {% endcall %}
{% endmacro %}

{# dbt's own truncates the table of a seed in each build, for which it needs the table for itself. #}
{% macro postgres__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {% if full_refresh %}
        {{ return(default__reset_csv_table(model, full_refresh, old_relation, agate_table)) }}
    {% endif %}
    {# Two builds at once would both insert. #}
    {% do run_query("select pg_advisory_xact_lock(hashtextextended('" ~ this.render() ~ "', 0))") %}
    {% set emptied = "delete from " ~ old_relation.render() %}
    {% do run_query(emptied) %}
    {{ return(emptied) }}
{% endmacro %}
