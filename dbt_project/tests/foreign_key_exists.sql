-- Assumes that PostgreSQL itself keeps charges from naming a company that does not exist.
select 'charges has no foreign key to companies' as problem
where
    not exists (
        select 1
        from pg_constraint
        where
            contype = 'f'
            and convalidated
            and conrelid = '{{ ref("charges") }}'::regclass
            and confrelid = '{{ ref("companies") }}'::regclass
    )
