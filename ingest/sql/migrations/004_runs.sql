-- One row per run of `python -m refresh`, written when the run has ended. From the files it holds their names alone.
-- rows_rejected counts what the rules reject too, so it is NULL where no build followed the loads; the counts of tests are
-- NULL where none has run.
create table raw.runs (
    run_id uuid primary key,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    outcome text not null check (outcome in ('succeeded', 'failed', 'interrupted')),
    load_ids bigint [] not null,
    rows_read bigint not null,
    rows_loaded bigint not null,
    rows_rejected bigint,
    tests_failed integer,
    tests_warned integer,
    steps jsonb not null,
    problems jsonb not null
);

create index runs_started_at on raw.runs (started_at);

-- Whoever adds loads records runs, and whoever reads the list of loads reads that of runs.
do $$
declare
    granted record;
begin
    for granted in
        select
            privilege_type,
            case grantee when 0 then 'public' else grantee::regrole::text end as role
        from pg_class, aclexplode(relacl)
        where oid = 'raw.loads'::regclass and privilege_type in ('SELECT', 'INSERT')
    loop
        execute format(
            'grant %s on raw.runs to %s',
            case granted.privilege_type when 'INSERT' then 'insert, update' else 'select' end,
            granted.role
        );
    end loop;
end
$$;
