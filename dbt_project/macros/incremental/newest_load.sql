{% macro newest_load() %}
    {# PostgreSQL would guess how many rows `> (select max(...))` leaves, and guess badly: so it is asked beforehand. #}
    {% if execute and builds_on_what_is_there() %}
        {{ return(run_query("select coalesce(max(load_id), 0) from " ~ this).columns[0][0]) }}
    {% endif %}
    {{ return(0) }}
{% endmacro %}
