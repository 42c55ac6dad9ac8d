-- Rows come in the order in which they lie, times in UTC and bytes as digits, so that the same rows give the same file.
select
    transaction_timestamp(),
    set_config('timezone', 'UTC', true),
    set_config('bytea_output', 'hex', true),
    set_config('synchronize_seqscans', 'off', true)
