-- Assumes that the join with companies neither doubles nor loses a charge.
with

    summary as (

        select sum(transaction_count) as charges, sum(total_amount) as amount
        from {{ ref("daily_transaction_summary") }}

    ),

    charges as (

        select count(*) as charges, sum(amount) as amount
        from {{ ref("charges") }}
        where {{ is_summarised("status") }}

    )

select
    summary.charges,
    summary.amount,
    charges.charges as expected_charges,
    charges.amount as expected_amount
from summary, charges
where
    coalesce(summary.charges, 0) <> charges.charges
    or summary.amount is distinct from charges.amount
