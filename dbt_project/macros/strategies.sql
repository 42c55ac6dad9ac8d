{# The incremental strategies of this project. Each changes its table in place, in the transaction of its model. #}
{% macro get_incremental_upsert_sql(arg_dict) %}
    {%- set keys = arg_dict["unique_key"] -%}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="name") | list -%}
    {%- set values = columns | reject("in", keys) | list -%}
    {%- set compared = values | reject("equalto", "changed_at") | list -%}

    merge into {{ arg_dict["target_relation"] }} as target
    using {{ arg_dict["temp_relation"] }} as source
    on row({{ qualified("target", keys) }}) = row({{ qualified("source", keys) }})
    -- A row that says the same already is not written again.
    when matched and row({{ qualified("target", compared) }}) is distinct from row({{ qualified("source", compared) }})
    then update set ({{ values | join(", ") }}) = row({{ qualified("source", values) }})
    when not matched
    then insert ({{ columns | join(", ") }}) values ({{ qualified("source", columns) }})
{% endmacro %}

{% macro qualified(relation, columns) -%}
    {% for column in columns %}
        {{ relation }}.{{ column }}{{ ", " if not loop.last }}
    {% endfor %}
{%- endmacro %}

{% macro get_incremental_mirror_sql(arg_dict) %}
    {{ get_incremental_upsert_sql(arg_dict) }} when not matched by source then delete
{% endmacro %}

{% macro get_incremental_touched_sql(arg_dict) %}
    {% set target, temporary = arg_dict["target_relation"], arg_dict["temp_relation"] %}
    {% if builds_on_what_is_there() %}
        delete from
        {{ target }} as target using (
                select id
                from touched_charges
                except
                select id
                from {{ temporary }}
            ) as withdrawn
        where target.id = withdrawn.id
        ;

        {{ get_incremental_upsert_sql(arg_dict) }}
    {% else %} {{ get_incremental_mirror_sql(arg_dict) }}
    {% endif %}
{% endmacro %}

{# dbt's `delete+insert` reads the whole table to find the rows of a load. #}
{% macro get_incremental_by_load_sql(arg_dict) %}
    {% set target, temporary = arg_dict["target_relation"], arg_dict["temp_relation"] %}
    {% set columns = arg_dict["dest_columns"] | map(attribute="name") | join(", ") %}
    {# The table has these too if another build was quicker. Asked beforehand for the planner, as in newest_load. #}
    {% set new_loads = run_query("select distinct load_id from " ~ temporary).columns[0].values() %}
    delete from {{ target }}
    where load_id in ({{ ([vanished_loads()] + new_loads | list) | join(", ") }})
    ;

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ temporary }}
{% endmacro %}
