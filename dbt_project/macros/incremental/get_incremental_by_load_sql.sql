{% macro get_incremental_by_load_sql(arg_dict) %}
    {%- set target = arg_dict["target_relation"] -%}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="name") | join(", ") -%}

    with
        vanished as (
            delete from {{ target }} where load_id in ({{ vanished_loads(ref("stg_loads")) }})
        )

        insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict["temp_relation"] }}
{% endmacro %}
