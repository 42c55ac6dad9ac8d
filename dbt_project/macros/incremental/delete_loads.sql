{% macro delete_loads(relation, load_ids) %}
    delete from {{ relation }} where load_id in ({{ load_ids | join(", ") }})
{% endmacro %}
