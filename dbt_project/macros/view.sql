{# dbt's own makes a view anew in each build, under other names on the way, which fails where two builds do so at once
   and drops what depends on the view. Here one that says the same stays as it is. #}
{% materialization view, adapter = "postgres" %}
    {% set target_relation = this.incorporate(type="view") %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% set draft = make_temp_relation(target_relation) %}
    {% set assertions = (
        get_assert_columns_equivalent(sql) if config.get("contract").enforced else ""
    ) %}
    {% do run_query("create temporary view " ~ draft ~ " as " ~ assertions ~ "(\n" ~ sql ~ "\n)") %}
    {% set question %}
        select
            relkind = 'v' as is_view,
            pg_get_viewdef(oid) = pg_get_viewdef('{{ draft }}'::regclass) as says_the_same,
            not exists (
                select attnum, attname, atttypid, atttypmod from pg_attribute where attrelid = pg_class.oid and attnum > 0
                except
                select attnum, attname, atttypid, atttypmod from pg_attribute where attrelid = '{{ draft }}'::regclass
            ) as has_all_columns
        from pg_class
        where oid = to_regclass('{{ target_relation }}')
    {% endset %}
    {% set found = run_query(question).rows %}
    {% do run_query("drop view " ~ draft) %}
    {% if found and found[0].is_view and found[0].says_the_same %}
        {% call noop_statement("main", "UNCHANGED", "UNCHANGED") %} {{ sql }} {% endcall %}
    {% else %}
        {% set replacement %}
            {% if found and not found[0].is_view %} drop table {{ target_relation }} cascade ;
            {% elif found and not found[0].has_all_columns %} drop view {{ target_relation }} cascade ;
            {% endif %}
            create or replace view {{ target_relation }} as (
            {{ sql }}
            )
        {% endset %}
        {% if found %} {% do tell_of_readers(target_relation) %}
        {% endif %}
        {# Not by run_query, which begins no transaction: `dbt clone` has none yet. #}
        {% call statement("replacement") %} {{ when_nobody_reads(replacement) }}
        {% endcall %}
        {% call noop_statement("main", "CREATE VIEW", "CREATE VIEW") %} {{ sql }}
        {% endcall %}
    {% endif %}

    {% do apply_grants(target_relation, config.get("grants"), should_revoke=false) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}
