{# What the values of other formats mean, said in the words of the standard format. #}
{# Whether a build has rows to translate. In the rules of a model they count whether it has or not. #}
{% macro has_rows_to_translate() %}
    {% if changes_relations() and this is not none and not context.get(
        "as_if_nothing_were_there"
    ) %}
        {% set question %}
            select 1
            from {{ ref("stg_loads").render() }}
            where is_translated and load_id > {{ newest_load() }}
            limit 1
        {% endset %}
        {{ return(run_query(question).rows | length > 0) }}
    {% endif %}
    {{ return(true) }}
{% endmacro %}

{# What each mark in an amount becomes: the decimal mark a point, the mark between groups of digits "_", and any other
   one "?", which no number has. Apostrophes and spaces are of several kinds. #}
{% macro amount_marks() %} {{ return("., \u00a0\u202f'\u2019") }} {% endmacro %}

{% macro translated_amount_marks(decimal_mark, digit_group) -%}
    concat(
        {% for mark in (".", ",", " ", " ", " ", "'", "'") %}
            case
                when {{ decimal_mark }} = {{ dbt.string_literal(dbt.escape_single_quotes(mark)) }}
                then '.'
                when {{ digit_group }} = {{ dbt.string_literal(dbt.escape_single_quotes(mark)) }}
                then '_'
                else '?'
            end{{ "," if not loop.last }}
        {% endfor %}
    )
{%- endmacro %}

{# An amount without the sign of a currency, and with its marks as they are called above. #}
{% macro mark_amount(amount, marks) -%}
    {%- set signs = dbt.string_literal(" \u00a0\u202f$\u20ac\u00a3\u00a5") -%}
    {%- set known_marks = dbt.string_literal(dbt.escape_single_quotes(amount_marks() ~ "_")) -%}
    translate(
        case
            when left({{ amount }}, 1) in ('+', '-')
            then
                concat(
                    left({{ amount }}, 1), {{ trim_characters("substr(" ~ amount ~ ", 2)", signs) }}
                )
            else {{ trim_characters(amount, signs) }}
        end,
        {{ known_marks }},
        {{ marks }} || '?'
    )
{%- endmacro %}

{# Strict, since a number that is written in another way than the format says may mean another number. #}
{% macro translate_amount(marked_amount, unit) -%}
    {%- set plain = "replace(" ~ marked_amount ~ ", '_', '')" -%}
    case
        when
            not {{
                matches(
                    marked_amount,
                    "^[+-]?([0-9]+|[0-9]{1,3}(_[0-9]{3})+)?([.][0-9]+)?$",
                )
            }}
        then null
        when {{ unit }} = 'major'
        then {{ plain }}
        -- Whole cents.
        when {{ matches(plain, "^[+-]?[0-9]{1,18}$") }}
        then cast(cast({{ plain }} as numeric(18, 0)) * 0.01 as {{ dbt.type_string() }})
    end
{%- endmacro %}

{# Other separators, another order, digits that are left out. What is no such date stays as it is. #}
{% macro translate_time(text, date_order) -%}
    {%- set year_last = "^([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})" -%}
    {%- set year_first = "^([0-9]{4})[./-]([0-9]{1,2})[./-]([0-9]{1,2})" -%}
    {%- set ordered -%}
        case {{ date_order }}
            when 'day-month-year' then {{ rearrange(text, year_last, "{3}-{2}-{1}") }}
            when 'month-day-year' then {{ rearrange(text, year_last, "{3}-{1}-{2}") }}
            else {{ rearrange(text, year_first, "{1}-{2}-{3}") }}
        end
    {%- endset -%}
    {%- set month = rearrange(ordered, "^([0-9]{4})-([0-9])-", "{1}-0{2}-") -%}
    {%- set day = rearrange(month, "^([0-9]{4}-[0-9]{2})-([0-9])([^0-9]|$)", "{1}-0{2}{3}") -%}
    {%- set hour = rearrange(day, "^([0-9-]{10}[T ])([0-9]):", "{1}0{2}:") -%}
    {{
        rearrange(
            hour, "^([0-9-]{10}[T ][0-9]{2}:[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?$", "{1}:00{2}"
        )
    }}
{%- endmacro %}

{# A time that says no offset is one of the clocks in a time zone. Where that is not known, the time is no time. #}
{% macro translate_zone(text, local_time, zone) -%}
    case
        when {{ zone }} = 'UTC' or {{ matches(text, "(Z|[+-][0-9]{2}:[0-9]{2})$") }}
        then {{ text }}
        when {{ zone }} is null
        then {{ text }} || ' ?'
        else
            coalesce(
                cast({{ from_time_zone(local_time, zone) }} as {{ dbt.type_string() }}), {{ text }}
            )
    end
{%- endmacro %}

{# A table of a format, such as what its statuses mean: a row for each word, of the loads that this build sees. #}
{% macro words_of_formats(key, source_word, meaning) %}
    with

        source as (select * from {{ source("raw", "loads") }} where meaning is not null),

        loads as (select * from {{ ref("stg_loads") }}),

        pairs as (

            select source.load_id, pairs.name, pairs.value
            from source
            inner join
                loads on source.load_id = loads.load_id
                {{ each_json_pair("source.meaning", key, "pairs") }}

        ),

        -- Words are compared in any case, so two spellings may be one.
        final as (

            select
                load_id, {{ lower_ascii("name") }} as {{ source_word }}, min(value) as {{ meaning }}
            from pairs
            group by load_id, {{ lower_ascii("name") }}

        )

    select *
    from final
{% endmacro %}
