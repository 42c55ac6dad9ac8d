{{
    config(
        materialized=in_place(),
        incremental_strategy="mirror",
        unique_key=["load_id", "row_number"],
    )
}}

with

    transactions as (select * from {{ ref("int_resolved_transactions") }}),

    unreadable_rows as (select * from {{ ref("stg_rejected_rows") }}),

    loads as (select * from {{ ref("stg_loads") }}),

    rejected as (

        select
            load_id,
            row_number,
            reasons,

            {% for column in raw_columns() %} raw_{{ column }} as {{ column }}, {% endfor %}
            cast(null as {{ dbt.type_string() }}) as record
        from transactions
        where
            reasons is not null
            -- Says the same of few rows, which an index finds.
            and not is_settled

        union all

        select
            load_id,
            row_number,
            reasons,

            {% for column in raw_columns() %} null as {{ column }}, {% endfor %}
            record
        from unreadable_rows

    ),

    final as (

        select
            rejected.load_id,
            rejected.row_number,
            loads.source_name,
            rejected.reasons,

            {% for column in raw_columns() %} rejected.{{ column }}, {% endfor %}
            rejected.record
        from rejected
        inner join loads on rejected.load_id = loads.load_id

    )

select *
from final
