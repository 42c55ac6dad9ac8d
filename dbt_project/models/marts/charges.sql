{{
    config(
        materialized=in_place(),
        incremental_strategy="touched",
        unique_key=["id"],
        pre_hook=[
            "{{ use_all_cores() }}",
            "{{ list_touched_charges(ref('stg_transactions'), ref('stg_loads')) }}",
        ],
        post_hook=[
            "{{ ensure_index('charges_by_company_and_day', 'company_id, ' ~ business_day('created_at')) }}",
            "{{ ensure_index('charges_by_day', business_day('created_at') ~ ', company_id, created_at, amount', is_summarised('status')) }}",
            "{{ delete_vanished_companies() }}",
            "{{ ensure_statistics() }}",
            after_commit("{{ ensure_vacuumed() }}"),
        ],
    )
}}

with

    transactions as (select * from {{ ref("int_resolved_transactions") }}),

    accepted as (

        select *
        from transactions
        where
            reasons is null
            {% if builds_on_what_is_there() %}
                -- As an array it gets to the index behind the view; as a join it would not.
                and charge_id = any(array(select id from touched_charges))
            {% endif %}

    ),

    versions as (

        select
            *,
            row_number() over (partition by source_id order by load_id desc, row_number desc) as age
        from accepted

    ),

    final as (

        select
            charge_id as id,
            company_id,
            amount,
            status,
            created_at,
            paid_at as updated_at,

            source_id,
            load_id,
            row_number,
            {{ without_zone("current_timestamp") }} as changed_at
        from versions
        where age = 1

    )

select *
from final
