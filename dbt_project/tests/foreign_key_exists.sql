-- Assumes that PostgreSQL itself keeps charges from naming a company that does not exist. Charges
-- that are built beside another schema's companies have no key: it would bind that schema.
select 'charges has no foreign key to companies' as problem
from pg_class as charges
inner join
    pg_class as companies
    on charges.relnamespace = companies.relnamespace
    and charges.relkind = companies.relkind
where
    charges.oid = '{{ ref("charges").render() }}'::regclass
    and companies.oid = '{{ ref("companies").render() }}'::regclass
    and charges.relkind = 'r'
    and not exists (
        select 1
        from pg_constraint
        where
            contype = 'f' and convalidated and conrelid = charges.oid and confrelid = companies.oid
    )
