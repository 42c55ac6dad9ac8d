{% macro get_incremental_upsert_sql(arg_dict) %}
    {%- set keys = (
        [arg_dict["unique_key"]]
        if arg_dict["unique_key"] is string
        else arg_dict["unique_key"]
    ) -%}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="quoted") | list -%}
    merge into {{ arg_dict["target_relation"] }} as target
    using {{ arg_dict["temp_relation"] }} as source
    on {% for key in keys %}target.{{ key }} = source.{{ key }}{{ " and " if not loop.last }}{% endfor %}
    when matched and (target.*) is distinct from (source.*) then update set
    {% for column in columns %}
        {{ column }} = source.{{ column }}{{ ", " if not loop.last }}
    {% endfor %}
    when not matched then insert ({{ columns | join(", ") }})
        values ({% for column in columns %}source.{{ column }}{{ ", " if not loop.last }}{% endfor %})
{% endmacro %}
