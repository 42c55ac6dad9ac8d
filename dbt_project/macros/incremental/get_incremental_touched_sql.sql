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
