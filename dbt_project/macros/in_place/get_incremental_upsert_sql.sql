{% macro get_incremental_upsert_sql(arg_dict) %}
    {%- set keys = arg_dict["unique_key"] -%}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="name") | list -%}
    {%- set values = (
        columns | reject("in", keys + config.get("merge_exclude_columns", [])) | list
    ) -%}

    merge into {{ arg_dict["target_relation"] }} as target
    using {{ arg_dict["temp_relation"] }} as source
    on row({{ qualified("target", keys) }}) = row({{ qualified("source", keys) }})
    -- A row that says the same already is not written again.
    when matched and row({{ qualified("target", values) }}) is distinct from row({{ qualified("source", values) }})
    then update set ({{ values | join(", ") }}) = row({{ qualified("source", values) }})
    when not matched
    then insert ({{ columns | join(", ") }}) values ({{ qualified("source", columns) }})
{% endmacro %}

{% macro qualified(relation, columns) -%}
    {% for column in columns %}
        {{ relation }}.{{ column }}{{ ", " if not loop.last }}
    {% endfor %}
{%- endmacro %}
