-- Assumes that a file is refused because its rows are bad, not because its format changed. A file
-- of which more than one row in
-- a hundred is refused is ten times worse than the provider's files are: look at it (a warning).
-- A file of which more than half
-- is refused is another format, and nobody wants the other half published (an error, which blocks
-- everything). In a file of
-- less than a hundred rows one bad row would already be too many, so the ratio says nothing.
{{ config(fail_calc="coalesce(max(rejected_percentage), 0)", warn_if="> 1", error_if="> 50") }}

with

    loads as (select * from {{ ref("stg_loads") }}),

    transactions as (select * from {{ ref("int_resolved_transactions") }}),

    rejected as (

        select load_id, count(*) as row_count
        from transactions
        where reasons is not null
        group by load_id

    )

select
    loads.load_id,
    loads.source_name,
    cast(
        ceiling(
            100.0 * (coalesce(rejected.row_count, 0) + loads.rows_rejected) / loads.rows_read
        ) as integer
    ) as rejected_percentage
from loads
left join rejected on loads.load_id = rejected.load_id
where loads.rows_read >= 100
