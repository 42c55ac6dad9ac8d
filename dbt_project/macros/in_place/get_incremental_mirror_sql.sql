{% macro get_incremental_mirror_sql(arg_dict) %}
    {{ get_incremental_upsert_sql(arg_dict) }} when not matched by source then delete
{% endmacro %}
