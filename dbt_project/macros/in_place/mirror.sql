{% macro get_incremental_mirror_sql(arg_dict) %}
    {% if flags.EMPTY %}
        {{
            exceptions.raise_compiler_error(
                "--empty would delete every row of " ~ arg_dict["target_relation"]
            )
        }}
    {% endif %}
    {{ get_incremental_upsert_sql(arg_dict) }}
    when not matched by source
    then delete
{% endmacro %}
