-- Assumes that what is accepted is what is published, to the cent: the amounts of the accepted
-- rows, apart from those that a charge supersedes, are the amounts of the charges.
with

    transactions as (select * from {{ ref("int_resolved_transactions") }}),

    superseding_charges as (select * from {{ ref("charges") }} where superseded_rows > 0),

    accepted as (

        select sum(transactions.amount) as amount
        from transactions
        left join superseding_charges on transactions.source_id = superseding_charges.source_id
        where
            transactions.reasons is null
            and (
                superseding_charges.source_id is null
                or (transactions.load_id, transactions.row_number)
                = (superseding_charges.load_id, superseding_charges.row_number)
            )

    ),

    published as (select sum(amount) as amount from {{ ref("charges") }})

select accepted.amount as accepted_amount, published.amount as published_amount
from accepted, published
where accepted.amount is distinct from published.amount
