{% macro get_incremental_by_load_sql(arg_dict) %}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="name") | join(", ") -%}

    delete from {{ arg_dict["target_relation"] }} where load_id in ({{ vanished_loads(ref("stg_loads")) }});

    insert into {{ arg_dict["target_relation"] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict["temp_relation"] }}
{% endmacro %}
