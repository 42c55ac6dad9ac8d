-- Assumes that a load is there in full or not at all. If one was replaced while this build ran, or
-- somebody meddled with raw, rows are missing, and publishing without them would be wrong.
with

    loads as (select * from {{ ref("stg_loads") }} where {{ is_unverified("load_id") }}),

    transactions as (

        select * from {{ ref("stg_transactions") }} where {{ is_unverified("load_id") }}

    ),

    row_counts as (select load_id, count(*) as row_count from transactions group by load_id)

select loads.load_id, loads.rows_loaded, coalesce(row_counts.row_count, 0) as rows_found
from loads
left join row_counts on loads.load_id = row_counts.load_id
where loads.rows_loaded <> coalesce(row_counts.row_count, 0)
