-- Rows of other formats, in the words of the standard format: what stg_transactions judges. What a
-- translation does not understand stays as it is and breaks the rule of its column, except for an
-- amount, which could be understood otherwise and is NULL.
with

    source as (select * from {{ source("raw", "raw_transactions") }}),

    formats as (select * from {{ ref("stg_formats") }}),

    statuses as (select * from {{ ref("stg_format_statuses") }}),

    trimmed as (

        select
            source._load_id as load_id,
            source._row_number as row_number,
            formats.provider,
            formats.amount_marks,
            formats.unit,
            formats.date_order,
            formats.time_zone,
            formats.has_statuses,

            {{ trim_unicode_whitespace("source.id") }} as source_id,
            coalesce({{ trim_unicode_whitespace("source.name") }}, formats.company_name) as name,
            coalesce({{ trim_whitespace("source.company_id") }}, formats.company_id) as company_id,
            {{ trim_whitespace("source.amount") }} as amount,
            {{ trim_whitespace("source.amount_refunded") }} as amount_refunded,
            coalesce({{ trim_whitespace("source.status") }}, formats.status) as status,
            concat_ws(
                ' ',
                {{ trim_whitespace("source.created_at") }},
                {{ trim_whitespace("source.created_time") }}
            ) as created_at,
            {{ trim_whitespace("source.paid_at") }} as paid_at,
            coalesce({{ trim_whitespace("source.currency") }}, formats.currency) as currency,

            {% for column in raw_columns() %}
                source.{{ column }} as raw_{{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from source
        inner join formats on source._load_id = formats.load_id {{ evaluate_once() }}

    ),

    understood as (

        select
            trimmed.*,
            {{ translate_amount("trimmed.amount", "trimmed.amount_marks", "trimmed.unit") }}
            as translated_amount,
            {{
                translate_amount(
                    "trimmed.amount_refunded", "trimmed.amount_marks", "trimmed.unit"
                )
            }} as translated_amount_refunded,
            {{ translate_time("trimmed.created_at", "trimmed.date_order") }} as local_created_at,
            {{ translate_time("trimmed.paid_at", "trimmed.date_order") }} as local_paid_at,
            case
                when trimmed.has_statuses then statuses.status else trimmed.status
            end as translated_status
        from trimmed
        left join
            statuses
            on trimmed.load_id = statuses.load_id
            and {{ lower_ascii("trimmed.status") }} = statuses.source_status {{ evaluate_once() }}

    ),

    translated as (

        select
            *,
            {{ translate_zone("local_created_at", "time_zone") }} as translated_created_at,
            {{ translate_zone("local_paid_at", "time_zone") }} as translated_paid_at,
            {{ parse_amount("translated_amount") }} as parsed_amount,
            {{ parse_amount("ltrim(translated_amount_refunded, '+-')") }} as parsed_amount_refunded
        from understood {{ evaluate_once() }}

    ),

    final as (

        select
            load_id,
            row_number,
            provider,

            -- No id of the standard format is meant to begin like that, and no company id can.
            provider || ':' || source_id as id,
            name,
            case
                when {{ matches("company_id", usable_company_id()) }}
                then provider || ':' || company_id
            end as company_id,
            translated_amount as amount,
            case
                -- Providers that name the amount given back leave such a payment paid.
                when translated_status <> 'paid' or coalesce(parsed_amount_refunded, 0) = 0
                then translated_status
                when parsed_amount_refunded < parsed_amount
                then 'partially_refunded'
                else 'refunded'
            end as status,
            translated_created_at as created_at,
            translated_paid_at as paid_at,
            case
                when translated_status = 'not_a_charge'
                then 'not_a_charge'
                when
                    {{ lower_ascii("currency") }}
                    is distinct from {{ dbt.string_literal(var("currency") | lower) }}
                then 'other_currency'
            end as reason_of_format,

            {% for column in raw_columns() %}
                raw_{{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from translated

    )

select *
from final
