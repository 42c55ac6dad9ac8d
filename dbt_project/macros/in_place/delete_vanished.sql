{% macro delete_vanished(relation, key, source) %}
    {% if stays_in_place() %}
        delete from {{ relation }} where {{ key }} not in (select {{ key }} from {{ source }})
    {% endif %}
{% endmacro %}
