-- Loads that the staging models have and the marts do not: a build is running, or a test stopped it before the marts.
select load_id
from stg_loads as loads
where
    rows_read > 0
    and load_id not in (
        select load_id
        from charges
        union
        select load_id
        from rejected_transactions
        union
        select load_id
        from superseded_transactions
    )
