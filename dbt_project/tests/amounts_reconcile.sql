-- Assumes that what was judged is what is published, to the cent: the amount of a charge is that of
-- the row that it comes from. As conservation holds, the sums agree as well.
with

    -- Not only the new ones: how few those are PostgreSQL does not know yet, but it has an index.
    transactions as (select * from {{ ref("stg_transactions") }}),

    charges as (select * from {{ ref("charges") }} where {{ is_unverified("load_id") }})

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
where charges.amount is distinct from transactions.amount
