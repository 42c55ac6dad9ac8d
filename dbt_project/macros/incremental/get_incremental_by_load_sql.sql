{% macro get_incremental_by_load_sql(arg_dict) %}
    {%- set target, temporary = arg_dict["target_relation"], arg_dict["temp_relation"] -%}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="name") | join(", ") -%}
    {# Asked beforehand for the planner's sake, as in newest_load. #}
    {%- set new_loads = run_query("select distinct load_id from " ~ temporary).columns[0].values() -%}

    delete from {{ target }}
    where
        load_id in ({{ vanished_loads(ref("stg_loads")) }})
        -- What another build has inserted meanwhile.
        or load_id in ({{ new_loads | join(", ") or "null" }})
    ;

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ temporary }}
{% endmacro %}
