insert into raw.runs (
    run_id,
    started_at,
    finished_at,
    outcome,
    load_ids,
    rows_read,
    rows_loaded,
    rows_rejected,
    tests_failed,
    tests_warned,
    steps,
    problems
)
values (
    %(run_id)s,
    %(started_at)s,
    %(finished_at)s,
    %(outcome)s,
    %(load_ids)s::bigint [],
    %(rows_read)s,
    %(rows_loaded)s,
    %(rows_rejected)s,
    %(tests_failed)s,
    %(tests_warned)s,
    %(steps)s,
    %(problems)s
)
-- The report is the last step of a run and shows the run, which is therefore recorded before and after it.
on conflict (run_id) do update set
finished_at = excluded.finished_at,
outcome = excluded.outcome,
steps = excluded.steps,
problems = excluded.problems
