{# What several models say of rows. #}
{# The columns of a payment in `raw.raw_transactions`, in the file's order. #}
{% macro raw_columns() %}
    {{ return(["id", "name", "company_id", "amount", "status", "created_at", "paid_at"]) }}
{% endmacro %}

{# Those that other formats have beside them. #}
{% macro further_raw_columns() %}
    {{ return(["currency", "amount_refunded", "created_time", "time_zone"]) }}
{% endmacro %}

{% macro usable_company_id() %} {{ return("^[A-Za-z0-9_-]+$") }} {% endmacro %}

{# Before the first colon, which no company id of the standard format has. #}
{% macro provider_of_company(source_company_id) -%}
    cast(
        case
            when {{ source_company_id }} like '%:%'
            then {{ dbt.split_part(source_company_id, "':'", 1) }}
        end as varchar(30)
    )
{%- endmacro %}

{# Of a kind that the format of the file leaves out. #}
{% macro is_left_out(reasons) -%} {{ reasons }} = 'not_a_charge' {%- endmacro %}

{% macro is_later(one, other) -%}
    ({{ one }}.load_id, {{ one }}.row_number) > ({{ other }}.load_id, {{ other }}.row_number)
{%- endmacro %}

{% macro is_summarised(status) -%} {{ status }} in ('paid', 'refunded') {%- endmacro %}

{# Also if the money was given back since. #}
{% macro was_paid(status) -%}
    {{ status }} in ('paid', 'refunded', 'partially_refunded', 'charged_back')
{%- endmacro %}

{% macro was_given_back(status) -%}
    {{ status }} in ('refunded', 'partially_refunded')
{%- endmacro %}

{% macro was_charged_back(status) -%} {{ status }} = 'charged_back' {%- endmacro %}

{# The day in whose summary a time is counted. #}
{% macro business_day(time) -%}
    {%- set zone = var("business_time_zone") -%}
    {%- set local_time = time if zone == "UTC" else "(" ~ in_time_zone(time, zone) ~ ")" -%}
    cast({{ local_time }} as date)
{%- endmacro %}
