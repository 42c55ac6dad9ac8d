{# In a database of its own, in memory: nothing in the file points to where the extract was. #}
{% macro duckdb__attach_extract() %}
    {% if execute %}
        {% set database = adapter.quote(source("raw", "loads").database) %}
        {% do run_query("attach if not exists ':memory:' as " ~ database) %}
        {% do run_query("create schema if not exists " ~ database ~ ".raw") %}
        {% for name, columns in tables_of_extract().items() %}
            {% set files = dbt.string_literal(
                dbt.escape_single_quotes(
                    extract_location()
                    ~ "/"
                    ~ name
                    ~ ("/loads.parquet" if name == "loads" else "/load=*/rows.parquet")
                )
            ) %}
            {% set statement %}
                create or replace view {{ source("raw", name).render() }} as
                select
                    {% for column, type in columns.items() %}
                        cast(null as {{ adapter.dispatch("engine_type")(type) }}) as {{ column }}{{ "," if not loop.last }}
                    {% endfor %}
                where false
                {# Without a file to read, DuckDB refuses even to make the view. #}
                {% if run_query("select file from glob(" ~ files ~ ") limit 1").rows %}
                    -- Older files have fewer columns.
                    union all by name
                    select *
                    from read_parquet({{ files }}, union_by_name = true, hive_partitioning = false)
                {% endif %}
            {% endset %}
            {% do run_query(statement) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
