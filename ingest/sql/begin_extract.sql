-- Rows come in the order in which they lie, and times in UTC, so that the same rows give the same file.
select
    transaction_timestamp(),
    set_config('timezone', 'UTC', true),
    set_config('synchronize_seqscans', 'off', true)
