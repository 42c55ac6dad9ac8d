-- Assumes that no two companies are shortened to the same identifier. If they are, their charges
-- would be one company's. The loads are those that named them first.
with

    companies as (select * from {{ ref("int_companies") }}),

    company_names as (select * from {{ ref("int_company_names") }}),

    shared as (select company_id from companies group by company_id having count(*) > 1),

    shortened as (

        select companies.company_id, companies.source_company_id
        from companies
        inner join shared on companies.company_id = shared.company_id

    )

select
    shortened.company_id, shortened.source_company_id, min(company_names.load_id) as first_load_id
from shortened
inner join company_names on shortened.source_company_id = company_names.source_company_id
group by shortened.company_id, shortened.source_company_id
