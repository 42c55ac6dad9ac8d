-- The marts as a script without any check would make them: casts, then keys. Only what fails in a cast is left out.

create schema naive;

create table naive.companies as
select left(company_id, 24)::varchar(24) as company_id, max(name)::varchar(130) as company_name
from raw.raw_transactions
where length(company_id) = 40
group by 1;

create table naive.charges as
select
    left(id, 24)::varchar(24) as id,
    left(company_id, 24)::varchar(24) as company_id,
    amount::numeric(16, 2) as amount,
    status::varchar(30) as status,
    created_at::timestamp as created_at,
    paid_at::timestamp as updated_at
from raw.raw_transactions
where id is not null and length(company_id) = 40 and length(amount) < 15 and amount !~ 'e';

alter table naive.companies add primary key (company_id);
alter table naive.charges add primary key (id);
alter table naive.charges add foreign key (company_id) references naive.companies;
