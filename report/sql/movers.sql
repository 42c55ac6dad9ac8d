-- For each comparison the companies whose totals rose and fell most. The days between its two spans count for neither.
with

    compared as (

        select *
        from
            unnest(
                cast(%(kinds)s as text[]),
                cast(%(later_first)s as date[]),
                cast(%(later_last)s as date[]),
                cast(%(earlier_first)s as date[]),
                cast(%(earlier_last)s as date[])
            ) as compared(kind, later_first, later_last, earlier_first, earlier_last)

    ),

    recent as materialized (

        select transaction_date, company_id, total_amount
        from daily_transaction_summary
        where transaction_date between %(first)s and %(last)s

    ),

    sums as (

        select
            kind,
            company_id,
            coalesce(sum(total_amount) filter (where transaction_date between later_first and later_last), 0) as later,
            coalesce(
                sum(total_amount) filter (where transaction_date between earlier_first and earlier_last), 0
            ) as earlier
        from recent
        inner join compared on transaction_date between earlier_first and later_last
        group by kind, company_id

    ),

    ranked as (

        select
            *,
            row_number() over (partition by kind order by later - earlier desc, company_id) as rise,
            row_number() over (partition by kind order by later - earlier, company_id) as fall
        from sums

    )

select kind, company_id, later, earlier
from ranked
where (later > earlier and rise <= %(limit)s) or (later < earlier and fall <= %(limit)s)
order by kind, abs(later - earlier) desc, company_id
