-- Files of other formats than the standard one. meaning is NULL for the standard format; it says, for each load, what its
-- values mean, and the dbt models say what follows. The further columns are NULL where a format has none.
alter table raw.loads
add column format text not null default 'standard',
add column meaning jsonb,
add column lines_before_header bigint not null default 0 check (lines_before_header >= 0),
add column lines_after_rows bigint not null default 0 check (lines_after_rows >= 0);

alter table raw.raw_transactions
add column currency text,
add column amount_refunded text,
add column created_time text,
add column time_zone text;
