{{
    config(
        materialized=in_place(),
        incremental_strategy="by_load",
        indexes=[
            {"columns": ["load_id", "row_number"], "unique": true},
            {"columns": ["charge_id", "load_id"]},
        ],
        pre_hook="{{ use_all_cores() }}",
        post_hook=[
            "{{ ensure_index('stg_transactions_not_settled', 'charge_id', 'not is_settled') }}",
            "{{ ensure_statistics() }}",
            after_commit("{{ ensure_vacuumed() }}"),
        ],
    )
}}

-- depends_on: {{ ref("stg_translated_transactions") }}
{% set has_rows_to_translate = has_rows_to_translate() %}

with

    source as (

        select * from {{ source("raw", "raw_transactions") }} where _load_id > {{ newest_load() }}

    ),

    loads as (select * from {{ ref("stg_loads") }}),

    statuses as (select * from {{ ref("charge_statuses") }}),

    untranslated as (

        select
            source._load_id as load_id,
            source._row_number as row_number,

            {% for column in raw_columns() %}
                {% if column in ("id", "name") %}
                    {{ trim_unicode_whitespace("source." ~ column) }} as {{ column }},
                {% elif column == "status" %} {{ trim_whitespace("source.status") }} as status,
                {% else %} source.{{ column }},
                {% endif %}
                source.{{ column }} as raw_{{ column }},
            {% endfor %}

            cast(null as varchar(30)) as provider,
            cast(null as {{ dbt.type_string() }}) as reason_of_format
        from source
        inner join
            loads
            on source._load_id = loads.load_id
            and not loads.is_translated {{ evaluate_once() }}

    ),

    {% if has_rows_to_translate %}
        translated as (

            select *
            from {{ ref("stg_translated_transactions") }}
            where load_id > {{ newest_load() }}

        ),

    {% endif %}

    texts as (

        select *
        from untranslated

        {% if has_rows_to_translate %}
            union all

            select
                load_id,
                row_number,

                {% for column in raw_columns() %} {{ column }}, raw_{{ column }}, {% endfor %}

                provider,
                reason_of_format
            from translated
        {% endif %}

    ),

    -- Most values are read as they came. Few have white space around them, and to look for it takes
    -- as long as to read a value.
    parsed as (

        select
            load_id,
            row_number,

            id as source_id,
            {{ fit_identifier("id") }} as charge_id,
            case
                -- That of a translated row has been looked at, before its provider was named in it.
                when
                    {{ matches("company_id", usable_company_id()) }}
                    {% if has_rows_to_translate %} or provider is not null {% endif %}
                then company_id
                when {{ matches(trim_whitespace("company_id"), usable_company_id()) }}
                then {{ trim_whitespace("company_id") }}
            end as source_company_id,
            case when length(name) <= 130 then name end as company_name,
            coalesce(
                {{ parse_amount("amount") }}, {{ parse_amount(trim_whitespace("amount")) }}
            ) as amount,
            case
                when {{ lower_ascii("status") }} in (select status from statuses)
                then {{ lower_ascii("status") }}
            end as status,
            coalesce(
                {{ parse_timestamp("created_at") }},
                {{ parse_timestamp(trim_whitespace("created_at")) }}
            ) as created_at,
            coalesce(
                {{ parse_timestamp("paid_at") }}, {{ parse_timestamp(trim_whitespace("paid_at")) }}
            ) as paid_at,
            paid_at as paid_at_text,
            provider,
            reason_of_format,

            {% for column in raw_columns() %}
                raw_{{ column }}{{ "," if not loop.last }}
            {% endfor %}

        from texts {{ evaluate_once() }}

    ),

    judged as (

        select
            load_id,
            row_number,

            source_id,
            cast(charge_id as varchar(24)) as charge_id,
            source_company_id,
            cast(company_name as varchar(130)) as company_name,
            cast(amount as numeric(16, 2)) as amount,
            cast(status as varchar(30)) as status,
            created_at,
            paid_at,
            provider,
            {% if has_rows_to_translate %}
                -- What is no charge breaks no rule of charges.
                case when reason_of_format = 'not_a_charge' then reason_of_format else
            {% endif %}
                    nullif(
                        concat_ws(
                            ',',
                            {% if has_rows_to_translate %} reason_of_format, {% endif %}
                            case when source_id is null then 'missing_id' end,
                            case when amount is null then 'invalid_amount' end,
                            case when status is null then 'unknown_status' end,
                            case when created_at is null then 'invalid_created_at' end,
                            case
                                when
                                    paid_at is null
                                    and {{ trim_whitespace("paid_at_text") }} is not null
                                then 'invalid_paid_at'
                            end
                        ),
                        ''
                    )
            {% if has_rows_to_translate %} end {% endif %} as reasons,

            {% for column in raw_columns() %}
                raw_{{ column }}{{ "," if not loop.last }}
            {% endfor %}

        from parsed {{ evaluate_once() }}

    ),

    settled as (

        select
            *,
            -- Accepted, and of the company that it names, whatever other rows say.
            reasons is null
            and source_company_id is not null
            and company_name is not null as is_settled
        from judged

    ),

    final as (

        select
            load_id,
            row_number,

            source_id,
            charge_id,
            source_company_id,
            company_name,
            amount,
            status,
            created_at,
            paid_at,
            provider,
            reasons,
            is_settled,

            -- Only of rows that may be rejected: those of the others are in raw.
            {% for column in raw_columns() %}
                case when not is_settled then raw_{{ column }} end as raw_{{ column }}
                {{- "," if not loop.last }}
            {% endfor %}
        from settled

    )

select *
from final
