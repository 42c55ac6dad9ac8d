{% macro get_incremental_by_load_sql(arg_dict) %}
    {% set target, temporary = arg_dict["target_relation"], arg_dict["temp_relation"] %}
    {% set columns = arg_dict["dest_columns"] | map(attribute="name") | join(", ") %}
    {% set vanished = vanished_loads(ref("stg_loads")) %}
    {# The table has these too if another build was quicker. Asked beforehand for the planner, as in newest_load. #}
    {% set new_loads = run_query("select distinct load_id from " ~ temporary).columns[0].values() %}
    {{ delete_loads(target, [vanished] + new_loads | list) }}
    ;

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ temporary }}
{% endmacro %}
