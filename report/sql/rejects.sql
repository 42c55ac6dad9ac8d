-- The newest rows of every reason. What a row says may be a megabyte, so each of its fields is cut.
with

    ranked as (

        select
            rejected.*,
            row_number() over (partition by reason order by load_id desc, row_number desc) as newest
        from rejected_transactions as rejected
        cross join unnest(string_to_array(reasons, ',')) as reason

    )

select distinct
    load_id,
    row_number,
    source_name,
    reasons,
    left(id, %(characters)s) as id,
    left(name, %(characters)s) as name,
    left(company_id, %(characters)s) as company_id,
    left(amount, %(characters)s) as amount,
    left(status, %(characters)s) as status,
    left(created_at, %(characters)s) as created_at,
    left(paid_at, %(characters)s) as paid_at,
    left(record, %(characters)s) as record,
    coalesce(
        greatest(
            length(id), length(name), length(company_id), length(amount), length(status), length(created_at),
            length(paid_at), length(record)
        ) > %(characters)s,
        false
    ) as is_cut
from ranked
where newest <= %(limit)s
order by load_id desc, row_number desc
