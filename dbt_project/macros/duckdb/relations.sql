{# An index of PostgreSQL's makes lookups of single rows fast. Here, building one takes longer than all the rest. #}
{% macro duckdb__get_create_index_sql(relation, index_dict) %} {{ return("") }} {% endmacro %}

{# Without the name of the database, which is that of the file: who renames it keeps the views. #}
{% macro duckdb__create_view_as(relation, sql) %}
    create view {{ relation }} as (
    {{ sql | replace(adapter.quote(relation.database) ~ ".", "") }}
    )
{% endmacro %}

{# DuckDB writes to a file beside it first, and would write all of it back only when the process ends well. #}
{% macro duckdb__complete_file() %} checkpoint {% endmacro %}
