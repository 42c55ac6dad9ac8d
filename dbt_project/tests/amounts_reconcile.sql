-- Assumes that what was judged is what is published, to the cent: a charge says what the row says
-- that it comes from. As conservation holds, the sums agree as well.
{% set audited = ["source_id", "company_id", "status", "created_at"] if var("audit") else [] %}

with

    -- Not only the new ones: how few those are PostgreSQL does not know yet, but the table has an
    -- index. The audit reads all of them anyway, with their companies.
    transactions as (

        select *
        from {{ ref("int_resolved_transactions") if var("audit") else ref("stg_transactions") }}

    ),

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
where
    charges.amount is distinct from transactions.amount
    {% for column in audited %}
        or charges.{{ column }} is distinct from transactions.{{ column }}
    {% endfor %}
    {% if var("audit") %} or charges.updated_at is distinct from transactions.paid_at {% endif %}
