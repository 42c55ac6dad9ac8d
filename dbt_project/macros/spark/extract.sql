{% macro spark__attach_extract() %}
    {% set loads = source("raw", "loads") %}
    {% if execute %}
        {# Their names alone: with `--empty` a relation is a query without rows. #}
        {% set schema = loads.without_identifier().render() %}
        {% set loads = loads.render() %}
        {% set transactions = source("raw", "raw_transactions").render() %}
        {% set rejects = source("raw", "rejected_rows").render() %}
        {% do run_query("create schema if not exists " ~ schema) %}
        {# Dropping a table that lies elsewhere leaves its files alone. #}
        {% for relation in (loads, transactions, rejects) %}
            {% do run_query("drop table if exists " ~ relation) %}
        {% endfor %}

        {% set statement %}
            create table {{ loads }} (
                load_id bigint,
                source_name string,
                sha256 string,
                bytes bigint,
                encoding string,
                line_terminator string,
                has_header boolean,
                rows_read bigint,
                rows_loaded bigint,
                rows_rejected bigint,
                blank_records bigint,
                lines_before_header bigint,
                lines_after_rows bigint,
                format string,
                meaning string,
                started_at timestamp_ltz,
                finished_at timestamp_ltz
            )
            using parquet
            location '{{ extract_location() }}/loads'
        {% endset %}
        {% do run_query(statement) %}

        {% set statement %}
            create table {{ transactions }} (
                {% for column in raw_columns() + further_raw_columns() %}
                    {{ column }} string,
                {% endfor %}
                _load_id bigint,
                _row_number bigint,
                load bigint
            )
            using parquet
            partitioned by (load)
            location '{{ extract_location() }}/raw_transactions'
        {% endset %}
        {% do run_query(statement) %}

        {% set statement %}
            create table {{ rejects }} (
                load_id bigint, row_number bigint, reason string, record binary, load bigint
            )
            using parquet
            partitioned by (load)
            location '{{ extract_location() }}/rejected_rows'
        {% endset %}
        {% do run_query(statement) %}

        {% do run_query("msck repair table " ~ transactions) %}
        {% do run_query("msck repair table " ~ rejects) %}
    {% endif %}
{% endmacro %}
{% macro extract_location() -%}
    {#- As profiles.yml finds the checkout. -#}
    {%- set here = flags.PROFILES_DIR | string -%}
    {%- set checkout = here if here.startswith("/") else env_var("PWD", "") -%}
    {%- set location = env_var("SPARK_EXTRACT", "") or "exports/raw" -%}
    {#- Spark would take a relative one to be below the directory of its tables. -#}
    {{- location if location.startswith("/") or ":" in location else checkout ~ "/" ~ location -}}
{%- endmacro %}
