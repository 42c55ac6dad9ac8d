{% macro builds_on_what_is_there() %}
    {# A unit test has no table. One that is never dropped is incremental to dbt in a full refresh too. #}
    {{ return(this is not none and is_incremental() and not flags.FULL_REFRESH) }}
{% endmacro %}
