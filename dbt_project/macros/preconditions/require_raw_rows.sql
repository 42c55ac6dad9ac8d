{% macro require_raw_rows() %}
    {% set loads, transactions = source("raw", "loads"), source("raw", "raw_transactions") %}
    {% if flags.EMPTY %}
        {{
            exceptions.raise_compiler_error(
                "With --empty the tables would lose their rows: leave it out."
            )
        }}
    {% endif %}
    {% if execute %}
        {% set question %}
            select
                (select count(*) from {{ loads }}) > 0
                and (
                    (select sum(rows_loaded) from {{ loads }}) = 0
                    or (
                        select count(*)
                        from (select 1 as one from {{ transactions }} limit 1) as any_row
                    )
                    > 0
                )
        {% endset %}
        {% if (
            load_relation(loads) is none
            or load_relation(transactions) is none
            or not run_query(question).rows[0][0]
        ) %}
            {{
                exceptions.raise_compiler_error(
                    "There is nothing to build from in the raw schema: run `python -m ingest` first"
                    ~ (
                        "."
                        if stays_in_place()
                        else ", then `python -m ingest extract --partition-by-load`."
                    )
                )
            }}
        {% endif %}
    {% endif %}
{% endmacro %}
