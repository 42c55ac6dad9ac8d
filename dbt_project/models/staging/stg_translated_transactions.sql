-- Rows of other formats, in the words of the standard format: what stg_transactions judges. What a
-- translation does not understand stays as it is and breaks the rule of its column, except for an
-- amount, which could be understood otherwise and is NULL.
with

    source as (select * from {{ source("raw", "raw_transactions") }}),

    formats as (select * from {{ ref("stg_formats") }}),

    statuses as (select * from {{ ref("stg_format_statuses") }}),

    time_zones as (select * from {{ ref("stg_format_time_zones") }}),

    trimmed as (

        select
            source._load_id as load_id,
            source._row_number as row_number,
            formats.provider,
            formats.amount_marks,
            formats.unit,
            formats.date_order,
            formats.time_zone,
            formats.has_time_zones,
            formats.has_statuses,
            formats.leaves_out_negative,

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
            {{ trim_whitespace("source.time_zone") }} as source_time_zone,
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
            {{ mark_amount("trimmed.amount", "trimmed.amount_marks") }} as marked_amount,
            {{ mark_amount("trimmed.amount_refunded", "trimmed.amount_marks") }}
            as marked_amount_refunded,
            {{ translate_time("trimmed.created_at", "trimmed.date_order") }} as local_created_at,
            {{ translate_time("trimmed.paid_at", "trimmed.date_order") }} as local_paid_at,
            case
                when trimmed.has_statuses then statuses.status else trimmed.status
            end as translated_status,
            case
                when trimmed.has_time_zones then time_zones.time_zone else trimmed.time_zone
            end as translated_time_zone
        from trimmed
        left join
            statuses
            on trimmed.load_id = statuses.load_id
            and {{ lower_ascii("trimmed.status") }} = statuses.source_status
        left join
            time_zones
            on trimmed.load_id = time_zones.load_id
            and {{ lower_ascii("trimmed.source_time_zone") }} = time_zones.source_time_zone
            {{ evaluate_once() }}

    ),

    -- Step by step: each use of a macro repeats its argument, and the text of a view has an end.
    read as (

        select
            *,
            {{ translate_amount("marked_amount", "unit") }} as translated_amount,
            {{ translate_amount("marked_amount_refunded", "unit") }} as translated_amount_refunded,
            {{ parse_timestamp("local_created_at") }} as local_created_time,
            {{ parse_timestamp("local_paid_at") }} as local_paid_time
        from understood {{ evaluate_once() }}

    ),

    translated as (

        select
            *,
            {{ translate_zone("local_created_at", "local_created_time", "translated_time_zone") }}
            as translated_created_at,
            {{ translate_zone("local_paid_at", "local_paid_time", "translated_time_zone") }}
            as translated_paid_at,
            {{ parse_amount("translated_amount") }} as parsed_amount,
            {{ parse_amount("translate(translated_amount_refunded, '+-', '')") }}
            as parsed_amount_refunded
        from read {{ evaluate_once() }}

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
                when {{ lower_ascii("translated_status") }} = 'paid' and parsed_amount_refunded > 0
                then
                    case
                        when parsed_amount_refunded < parsed_amount
                        then 'partially_refunded'
                        else 'refunded'
                    end
                else translated_status
            end as status,
            translated_created_at as created_at,
            translated_paid_at as paid_at,
            case
                when translated_status = 'not_a_charge'
                then 'not_a_charge'
                -- Of a known kind, and less than zero: the amount of a refund, say.
                when
                    leaves_out_negative
                    and translated_status is not null
                    and translated_amount like '-%'
                    and parsed_amount is null
                then 'not_a_charge'
                else
                    nullif(
                        concat_ws(
                            ',',
                            case
                                when
                                    {{ lower_ascii("currency") }}
                                    is distinct from
                                    {{ dbt.string_literal(var("currency") | lower) }}
                                then 'other_currency'
                            end,
                            case
                                when amount_refunded is not null and parsed_amount_refunded is null
                                then 'invalid_amount_refunded'
                            end
                        ),
                        ''
                    )
            end as reason_of_format,

            {% for column in raw_columns() %}
                raw_{{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from translated

    )

select *
from final
