{# The files of `python -m ingest extract --partition-by-load`: the tables of `raw` on other engines than PostgreSQL. They
   are attached before a build. docs/extract.md describes them. #}
{% macro attach_extract() %} {{ return(adapter.dispatch("attach_extract")()) }} {% endmacro %}

{% macro default__attach_extract() %} {% endmacro %}

{# The tables and their columns, with the types of PostgreSQL. #}
{% macro tables_of_extract() %}
    {% set transactions = {} %}
    {% for column in raw_columns() + further_raw_columns() %}
        {% do transactions.update({column: "text"}) %}
    {% endfor %}
    {% do transactions.update({"_load_id": "bigint", "_row_number": "bigint"}) %}
    {{
        return(
            {
                "loads": {
                    "load_id": "bigint",
                    "source_name": "text",
                    "sha256": "text",
                    "bytes": "bigint",
                    "encoding": "text",
                    "line_terminator": "text",
                    "has_header": "boolean",
                    "rows_read": "bigint",
                    "rows_loaded": "bigint",
                    "rows_rejected": "bigint",
                    "blank_records": "bigint",
                    "lines_before_header": "bigint",
                    "lines_after_rows": "bigint",
                    "format": "text",
                    "meaning": "text",
                    "started_at": "timestamptz",
                    "finished_at": "timestamptz",
                },
                "raw_transactions": transactions,
                "rejected_rows": {
                    "load_id": "bigint",
                    "row_number": "bigint",
                    "reason": "text",
                    "record": "bytea",
                },
            }
        )
    }}
{% endmacro %}

{% macro extract_location() -%}
    {#- As profiles.yml finds the checkout. -#}
    {%- set here = flags.PROFILES_DIR | string -%}
    {%- set checkout = here if here.startswith("/") else env_var("PWD", "") -%}
    {#- The second is what it was called when Spark was the only one to read it. -#}
    {%- set location = (
        env_var("EXTRACT_LOCATION", "") or env_var("SPARK_EXTRACT", "") or "exports/raw"
    ) -%}
    {#- Engines would take a relative one to be below another directory. -#}
    {{- location if location.startswith("/") or ":" in location else checkout ~ "/" ~ location -}}
{%- endmacro %}
