{# What PostgreSQL's tables have beside their rows, brought up to date once the rows are in. #}
{# The foreign keys of a contract: once the rows are in, which checks all of them at once (0.3 seconds for a million)
   rather than one by one (6 seconds), and to tables of the same schema alone. #}
{% macro ensure_foreign_keys() %}
    {% for constraint in model.constraints
        if changes_relations() and constraint.type == "foreign_key" %}
        {# With `--defer`, `to` names the other schema's table even where this one has its own. #}
        {% set parent = adapter.quote(this.schema) ~ "." ~ (constraint.to.split(".") | last) %}
        {% set question %}
            select 1
            from pg_class as parent
            where
                oid = to_regclass('{{ parent }}')
                and relkind = 'r'
                and not exists (
                    select 1
                    from pg_constraint
                    where
                        contype = 'f'
                        and conrelid = '{{ this }}'::regclass
                        and confrelid = parent.oid
                )
        {% endset %}
        {% if run_query(question).rows | length > 0 %}
            alter table {{ this }}
            add foreign key ({{ constraint.columns | join(", ") }})
            references {{ parent }} ({{ constraint.to_columns | join(", ") }})
        {% endif %}
    {% endfor %}
{% endmacro %}

{# dbt's own `indexes` know no condition and are never brought up to date. #}
{% macro ensure_index(name, columns, condition="") %}
    {% if changes_relations() %}
        {% set current = name ~ "_" ~ local_md5(columns ~ condition)[:8] %}
        {% set question %}
            select pg_class.oid::regclass::text
            from pg_index
            inner join pg_class on pg_class.oid = pg_index.indexrelid
            where
                pg_index.indrelid = '{{ this }}'::regclass
                and starts_with(pg_class.relname, '{{ name }}_')
                and pg_class.relname <> '{{ current }}'
        {% endset %}
        {% for outdated in run_query(question).columns[0].values() %}
            {{ when_nobody_reads("drop index " ~ outdated) }}
            ;
        {% endfor %}
        create index if not exists {{ adapter.quote(current) }}
        on {{ this }} ({{ columns }}) {% if condition %} where {{ condition }} {% endif %}
    {% endif %}
{% endmacro %}

{# The tests of a first build run before PostgreSQL does so by itself, and would look up a million rows one by one. #}
{% macro ensure_statistics() %}
    {% if changes_relations() %}
        {% set question %}
            select 1
            from pg_stats
            where schemaname = '{{ this.schema }}' and tablename = '{{ this.identifier }}'
            limit 1
        {% endset %}
        {% if not run_query(question).rows %}
            -- A coarse look will do: after so many new rows, autovacuum takes a closer one.
            set local default_statistics_target = 10
            ;
            analyze {{ this }}
        {% endif %}
    {% endif %}
{% endmacro %}

{# An index alone can answer a query once vacuum has seen that all rows are committed; autovacuum does so later than the
   tests of a first build need it. PostgreSQL vacuums in no transaction: see after_commit. #}
{% macro ensure_vacuumed() %}
    {% if changes_relations() %}
        {% set question %}
            select 1
            from pg_stat_user_tables
            where relid = '{{ this }}'::regclass and last_vacuum is null and last_autovacuum is null
        {% endset %}
        {% if run_query(question).rows %} vacuum {{ this }} {% endif %}
    {% endif %}
{% endmacro %}

{# A table with a contract is filled first and gets its constraints then: all rows are checked at once, keys are sorted
   rather than looked up one by one, and PostgreSQL may use all cores for the rows. dbt's own inserts into the finished
   table. Foreign keys are for ensure_foreign_keys. #}
{% macro postgres__create_table_as(temporary, relation, sql) %}
    {% set contract = config.get("contract") %}
    {% if contract.enforced %} {{ get_assert_columns_equivalent(sql) }} {% endif %}
    {% if temporary or not contract.enforced %}
        {# Behind a pooler the session stays, and with it what is temporary. #}
        create {{ "temporary" if temporary }} table {{ relation }} {{ "on commit drop" if temporary }} as (
        {{ sql }}
        )
        ;
    {% else %}
        {% set columns, constraints = [], [] %}
        {% for column in model.columns.values() %}
            {% do columns.append(
                "cast(" ~ column.name ~ " as " ~ column.data_type ~ ") as " ~ column.name
            ) %}
            {% for constraint in column.constraints %}
                {% do constraints.append(
                    {
                        "not_null": "alter " ~ column.name ~ " set not null",
                        "primary_key": "add primary key (" ~ column.name ~ ")",
                        "check": "add check (" ~ constraint.expression ~ ")",
                    }[constraint.type]
                ) %}
            {% endfor %}
        {% endfor %}
        {% for constraint in adapter.render_raw_model_constraints(
            raw_constraints=model.constraints
            | rejectattr("type", "equalto", "foreign_key")
            | list
        ) %}
            {% do constraints.append("add " ~ constraint) %}
        {% endfor %}
        create table {{ relation }} as
        select {{ columns | join(", ") }}
        from (
        {{ sql }}
        ) as rows
        ;
        alter table {{ relation }} {{ constraints | join(", ") }}
        ;
    {% endif %}
{% endmacro %}

{# dbt's own writes every description in each build. #}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) %}
    {% set question %}
        select coalesce(attname, '*') as name, description
        from pg_description
        left join
            pg_attribute
            on pg_attribute.attrelid = pg_description.objoid
            and pg_attribute.attnum = pg_description.objsubid
            and pg_description.objsubid > 0
        where
            pg_description.classoid = 'pg_class'::regclass
            and pg_description.objoid = '{{ relation }}'::regclass
    {% endset %}
    {% set written = {} %}
    {% for name, description in run_query(question).rows %}
        {% do written.update({name: description}) %}
    {% endfor %}
    {% if for_relation and config.persist_relation_docs() and written.get(
        "*", ""
    ) != model.description %}
        {% do run_query(alter_relation_comment(relation, model.description)) %}
    {% endif %}
    {% set changed_columns = {} %}
    {% for name, column in model.columns.items()
        if for_columns and config.persist_column_docs() and written.get(name, "") != column.description %}
        {% do changed_columns.update({name: column}) %}
    {% endfor %}
    {% if changed_columns %}
        {% do run_query(alter_column_comment(relation, changed_columns)) %}
    {% endif %}
{% endmacro %}
