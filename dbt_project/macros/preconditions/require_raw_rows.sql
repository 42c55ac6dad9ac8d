{% macro require_raw_rows() %}
    {% set loads, transactions = source("raw", "loads"), source("raw", "raw_transactions") %}
    {% if execute %}
        {% set question %}
            select count(*) > 0 and (sum(rows_loaded) = 0 or exists (select 1 from {{ transactions }}))
            from {{ loads }}
        {% endset %}
        {% if (
            load_relation(loads) is none
            or load_relation(transactions) is none
            or not run_query(question).rows[0][0]
        ) %}
            {{
                exceptions.raise_compiler_error(
                    "There is nothing to build from in the raw schema: run `python -m ingest` first."
                )
            }}
        {% endif %}
    {% endif %}
{% endmacro %}
