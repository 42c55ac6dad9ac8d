-- Assumes that nothing is lost, nothing counts twice and nothing is made up. A row is rejected,
-- or it
-- is the charge with its id, or that charge comes from a later row. A charge has the amount of its
-- row, to the cent. There are no charges and no rejected rows beside those, and of the records that
-- could not be read, all that ingest counted are rejected. A failing load is one row here, with the
-- numbers of the first rows that are wrong.
{% set is_new = is_unverified("load_id") %}
with

    loads as (select * from {{ ref("stg_loads") }}),

    transactions as (select * from {{ ref("stg_transactions") }} where {{ is_new }}),

    charges as (select * from {{ ref("charges") }}),

    rejected as (select * from {{ ref("rejected_transactions") }} where {{ is_new }}),

    fates as (

        select
            transactions.load_id,
            transactions.row_number,
            rejected.load_id is not null as is_rejected,
            charges.load_id = transactions.load_id
            and charges.row_number = transactions.row_number as is_charge,
            {{ is_later("charges", "transactions") }} as is_superseded,
            charges.amount is distinct from transactions.amount as has_other_amount
        from transactions
        left join charges on transactions.charge_id = charges.id
        left join
            rejected
            on transactions.load_id = rejected.load_id
            and transactions.row_number = rejected.row_number

    ),

    followed as (

        select
            load_id,
            count(case when is_charge then 1 end) as charges,
            count(case when is_rejected then 1 end) as rejects,
            min(
                case
                    when is_rejected = coalesce(is_charge, false) and is_superseded is not true
                    then row_number
                end
            ) as lost_row,
            min(case when is_charge and has_other_amount then row_number end) as changed_row
        from fates
        group by load_id

    ),

    published as (

        select load_id, 1 as charges, 0 as rejects, 0 as unreadable
        from {{ ref("charges") }}
        where {{ is_new }}
        union all
        select
            load_id,
            0 as charges,
            case when record is null then 1 else 0 end as rejects,
            case when record is null then 0 else 1 end as unreadable
        from {{ ref("rejected_transactions") }}
        where {{ is_new }}

    ),

    published_counts as (

        select
            load_id, sum(charges) as charges, sum(rejects) as rejects, sum(unreadable) as unreadable
        from published
        group by load_id

    ),

    load_ids as (

        select load_id
        from loads
        where {{ is_new }}
        union
        select load_id
        from published_counts

    )

select
    load_ids.load_id,
    loads.source_name,
    followed.lost_row,
    followed.changed_row,
    coalesce(published_counts.charges, 0) - coalesce(followed.charges, 0) as made_up_charges,
    coalesce(published_counts.rejects, 0) - coalesce(followed.rejects, 0) as made_up_rejects,
    coalesce(published_counts.unreadable, 0)
    - coalesce(loads.rows_rejected, 0) as made_up_unreadable
from load_ids
left join loads on load_ids.load_id = loads.load_id
left join followed on load_ids.load_id = followed.load_id
left join published_counts on load_ids.load_id = published_counts.load_id
where
    followed.lost_row is not null
    or followed.changed_row is not null
    or coalesce(published_counts.charges, 0) <> coalesce(followed.charges, 0)
    or coalesce(published_counts.rejects, 0) <> coalesce(followed.rejects, 0)
    or coalesce(published_counts.unreadable, 0) <> coalesce(loads.rows_rejected, 0)
