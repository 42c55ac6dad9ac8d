-- Assumes that what is accepted is what is published, to the cent: of each load, the amounts of the
-- accepted rows that no charge supersedes are the amounts of the charges.
with

    accepted as (

        select load_id, sum(amount) as amount
        from {{ ref("int_resolved_transactions") }}
        where reasons is null and {{ is_unverified("load_id") }}
        group by load_id

    ),

    superseded as (

        select load_id, sum(amount) as amount
        from {{ ref("superseded_transactions") }}
        where {{ is_unverified("load_id") }}
        group by load_id

    ),

    published as (

        select load_id, sum(amount) as amount
        from {{ ref("charges") }}
        where {{ is_unverified("load_id") }}
        group by load_id

    )

select
    accepted.load_id,
    accepted.amount as accepted_amount,
    superseded.amount as superseded_amount,
    published.amount as published_amount
from accepted
left join superseded on accepted.load_id = superseded.load_id
left join published on accepted.load_id = published.load_id
where accepted.amount <> coalesce(superseded.amount, 0) + coalesce(published.amount, 0)
