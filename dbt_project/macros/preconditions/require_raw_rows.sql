{% macro require_raw_rows() %}
    {% set loads, transactions = source("raw", "loads"), source("raw", "raw_transactions") %}
    {% if execute %}
        {% set tables = [load_relation(loads), load_relation(transactions)] %}
        {% if none in tables or not run_query("select 1 from " ~ loads ~ " limit 1").rows %}
            {{
                exceptions.raise_compiler_error(
                    "There is nothing to build from in the raw schema: run `python -m ingest` first."
                )
            }}
        {% endif %}
    {% endif %}
{% endmacro %}
