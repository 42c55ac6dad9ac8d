{# What several models say of rows. #}
{# The columns of a payment in `raw.raw_transactions`, in the file's order. #}
{% macro raw_columns() %}
    {{ return(["id", "name", "company_id", "amount", "status", "created_at", "paid_at"]) }}
{% endmacro %}

{% macro is_later(one, other) -%}
    ({{ one }}.load_id, {{ one }}.row_number) > ({{ other }}.load_id, {{ other }}.row_number)
{%- endmacro %}

{% macro is_summarised(status) -%} {{ status }} in ('paid', 'refunded') {%- endmacro %}

{# The day in whose summary a time is counted. #}
{% macro business_day(time) -%}
    {%- set zone = var("business_time_zone") -%}
    {%- set local_time = time if zone == "UTC" else "(" ~ in_time_zone(time, zone) ~ ")" -%}
    cast({{ local_time }} as date)
{%- endmacro %}
