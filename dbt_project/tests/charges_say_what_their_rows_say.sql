-- Assumes that a charge says all that its row says, however old it is. Each build compares the
-- amounts of what is new to it: see conservation.
with

    transactions as (select * from {{ ref("int_resolved_transactions") }}),

    charges as (select * from {{ ref("charges") }})

select
    charges.id,
    charges.load_id,
    charges.row_number,
    charges.amount,
    transactions.amount as judged_amount
from charges
left join
    transactions
    on charges.load_id = transactions.load_id
    and charges.row_number = transactions.row_number
where
    charges.amount is distinct from transactions.amount
    or charges.source_id is distinct from transactions.source_id
    or charges.company_id is distinct from transactions.company_id
    or charges.status is distinct from transactions.status
    or charges.created_at is distinct from transactions.created_at
    or charges.updated_at is distinct from transactions.paid_at
