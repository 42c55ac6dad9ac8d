{% macro spark__attach_extract() %}
    {% if execute %}
        {% for name, columns in tables_of_extract().items() %}
            {% set is_partitioned = name != "loads" %}
            {# Its name alone: with `--empty` a relation is a query without rows. #}
            {% set table = source("raw", name) %}
            {% do run_query("create schema if not exists " ~ table.without_identifier().render()) %}
            {# Dropping a table that lies elsewhere leaves its files alone. #}
            {% do run_query("drop table if exists " ~ table.render()) %}
            {% set statement %}
                create table {{ table.render() }} (
                    {% for column, type in columns.items() %}
                        {{ column }} {{ adapter.dispatch("engine_type")(type) }}{{ "," if is_partitioned or not loop.last }}
                    {% endfor %}
                    {% if is_partitioned %} load bigint {% endif %}
                )
                using parquet
                {% if is_partitioned %} partitioned by (load) {% endif %}
                location '{{ extract_location() }}/{{ name }}'
            {% endset %}
            {% do run_query(statement) %}
            {% if is_partitioned %}
                {% do run_query("msck repair table " ~ table.render()) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}
