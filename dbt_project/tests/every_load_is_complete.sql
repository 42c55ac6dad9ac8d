-- Assumes that a load is there in full or not at all. If one was replaced while this build ran, or
-- somebody meddled with raw, rows are missing, and publishing without them would be wrong. A build
-- reads the count that it has just made of the same rows; the audit counts them again.
{% set is_new = is_unverified("load_id") %}
with

    loads as (select * from {{ ref("stg_loads") }} where {{ is_new }}),

    {% if var("audit") -%}
        counted as (select load_id, 1 as row_count from {{ ref("stg_transactions") }}),
    {%- else -%} counted as (select load_id, row_count from {{ ref("int_company_names") }}),
    {%- endif %}

    row_counts as (

        select load_id, sum(row_count) as row_count from counted where {{ is_new }} group by load_id

    )

select loads.load_id, loads.rows_loaded, coalesce(row_counts.row_count, 0) as rows_found
from loads
left join row_counts on loads.load_id = row_counts.load_id
where loads.rows_loaded <> coalesce(row_counts.row_count, 0)
