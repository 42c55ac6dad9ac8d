with

    transactions as (select * from {{ ref("stg_transactions") }}),

    companies as (select * from {{ ref("int_companies") }}),

    uniquely_named_companies as (select * from {{ ref("int_companies") }} where has_unique_name),

    with_company as (

        select
            transactions.*,
            coalesce(companies.company_id, uniquely_named_companies.company_id) as company_id
        from transactions
        left join companies on transactions.source_company_id = companies.source_company_id
        left join
            uniquely_named_companies
            on transactions.source_company_id is null
            and transactions.company_name = uniquely_named_companies.company_name
            and transactions.provider is not distinct from uniquely_named_companies.provider

    ),

    resolved as (

        select
            load_id,
            row_number,

            source_id,
            charge_id,
            company_id,
            amount,
            status,
            created_at,
            paid_at,
            case
                when {{ is_left_out("reasons") }}
                then reasons
                when company_id is null and not is_settled
                then concat_ws(',', reasons, 'unresolved_company')
                else reasons
            end as reasons,
            is_settled,

            {% for column in raw_columns() %}
                raw_{{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from with_company

    )

select *
from resolved
