{% macro use_parallel_workers() %}
    {% if stays_in_place() %} set local parallel_tuple_cost = 0 {% endif %}
{% endmacro %}
