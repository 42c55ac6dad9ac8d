-- Assumes that rows are refused because they are bad, not because the format changed. One in a
-- hundred is ten times what the provider's files have: a warning, look at it. More than half is
-- another format, and nobody wants the other half published: an error. Of fewer than five rows,
-- such as a correction by hand, a ratio says nothing.
{{ config(fail_calc="coalesce(max(rejected_percentage), 0)", warn_if="> 1", error_if="> 50") }}
{% set is_new = is_unverified("load_id") %}
with

    loads as (select * from {{ ref("stg_loads") }} where {{ is_new }}),

    transactions as (

        select * from {{ ref("int_resolved_transactions") }} where not is_settled and {{ is_new }}

    ),

    rejected as (

        select
            load_id,
            count(case when {{ is_left_out("reasons") }} then 1 end) as left_out,
            count(case when not {{ is_left_out("reasons") }} then 1 end) as row_count
        from transactions
        where reasons is not null
        group by load_id

    )

select
    loads.load_id,
    loads.source_name,
    cast(
        ceiling(
            100.0
            * (coalesce(rejected.row_count, 0) + loads.rows_rejected)
            / nullif(loads.rows_read - coalesce(rejected.left_out, 0), 0)
        ) as integer
    ) as rejected_percentage
from loads
left join rejected on loads.load_id = rejected.load_id
where loads.rows_read >= 5
