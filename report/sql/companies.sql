with

    charges as (

        select company_id, count(*) as charges
        from charges
        group by company_id

    )

select
    companies.company_id,
    companies.company_name,
    count(*) over (partition by companies.company_name) = 1 as has_unique_name,
    coalesce(charges.charges, 0) as charges
from companies
left join charges using (company_id)
