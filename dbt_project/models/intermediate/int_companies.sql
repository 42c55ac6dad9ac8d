{{
    config(
        materialized=in_place(),
        incremental_strategy="mirror",
        unique_key=["source_company_id"],
    )
}}

with

    company_names as (

        select * from {{ ref("int_company_names") }} where source_company_id is not null

    ),

    loads as (select * from {{ ref("stg_loads") }}),

    name_counts as (

        select source_company_id, company_name, sum(row_count) as row_count
        from company_names
        where company_name is not null
        group by source_company_id, company_name

    ),

    ranked_names as (

        select
            source_company_id,
            company_name,
            row_number() over (
                partition by source_company_id
                order by row_count desc, {{ by_bytes("company_name") }} desc
            ) as name_rank
        from name_counts

    ),

    arrivals as (

        select
            company_names.source_company_id,
            min(loads.arrived_at) as first_arrived_at,
            max(loads.arrived_at) as last_arrived_at
        from company_names
        inner join loads on company_names.load_id = loads.load_id
        group by company_names.source_company_id

    ),

    named as (

        select
            ranked_names.source_company_id,
            cast(
                {{ fit_identifier("ranked_names.source_company_id") }} as varchar(24)
            ) as company_id,
            ranked_names.company_name,
            {{ provider_of_company("ranked_names.source_company_id") }} as provider,
            count(*) over (
                partition by
                    ranked_names.company_name,
                    {{ provider_of_company("ranked_names.source_company_id") }}
            )
            = 1 as has_unique_name,
            arrivals.first_arrived_at,
            arrivals.last_arrived_at
        from ranked_names
        inner join arrivals on ranked_names.source_company_id = arrivals.source_company_id
        where ranked_names.name_rank = 1

    )

select *
from named
