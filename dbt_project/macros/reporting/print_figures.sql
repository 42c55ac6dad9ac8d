{% macro print_figures(newest_rows=10) %}
    {% set count = "'FM999,999,999,990'" %}
    {% set money = "'FM999,999,999,999,990.00'" %}
    {% set figures %}
        select figure, value
        from
            (
                select 1 as place, 'rows read' as figure, sum(rows_read) as size, to_char(sum(rows_read), {{ count }}) as value
                from {{ ref("stg_loads") }}
                union all
                select 2, 'charges', count(*), to_char(count(*), {{ count }}) from {{ ref("charges") }}
                union all
                select 4, 'superseded rows', count(*), to_char(count(*), {{ count }}) from {{ ref("superseded_transactions") }}
                union all
                select 5, 'rejected rows', count(*), to_char(count(*), {{ count }}) from {{ ref("rejected_transactions") }}
                union all
                select 6, '  ' || reasons, count(*), to_char(count(*), {{ count }})
                from {{ ref("rejected_transactions") }}
                group by reasons
                union all
                select 7, 'sum of all charges', 0, to_char(coalesce(sum(amount), 0), {{ money }}) from {{ ref("charges") }}
                union all
                select 8, 'charges with updated_at', 0, to_char(count(updated_at), {{ count }}) from {{ ref("charges") }}
                union all
                select 3, '  ' || status, count(*), to_char(count(*), {{ count }}) from {{ ref("charges") }} group by status
            ) as figures
        order by place, size desc, figure
    {% endset %}
    {% set companies %}
        select
            companies.company_id,
            companies.company_name,
            to_char(charges.charges, {{ count }}) as charges,
            to_char(summary.days, {{ count }}) as days,
            to_char(summary.transactions, {{ count }}) as transactions,
            to_char(summary.total, {{ money }}) as total
        from {{ ref("companies") }}
        left join
            (select company_id, count(*) as charges from {{ ref("charges") }} group by company_id) as charges
            on companies.company_id = charges.company_id
        left join
            (
                select
                    company_id,
                    count(*) as days,
                    sum(transaction_count) as transactions,
                    sum(total_amount) as total
                from {{ ref("daily_transaction_summary") }}
                group by company_id
            ) as summary
            on companies.company_id = summary.company_id
        order by charges.charges desc nulls last, companies.company_id
        limit {{ newest_rows }}
    {% endset %}
    {% set summary %}
        select
            to_char(count(*), {{ count }}) as rows,
            to_char(coalesce(sum(transaction_count), 0), {{ count }}) as transactions,
            to_char(coalesce(sum(total_amount), 0), {{ money }}) as total
        from {{ ref("daily_transaction_summary") }}
    {% endset %}
    {% set newest %}
        select
            transaction_date,
            company_name,
            company_id,
            to_char(total_amount, {{ money }}) as total_amount,
            to_char(transaction_count, {{ count }}) as transaction_count
        from {{ ref("daily_transaction_summary") }}
        limit {{ newest_rows }}
    {% endset %}
    {% do print_table("Figures", run_query(figures), ["value"]) %}
    {% do print_table(
        "Companies with the most charges; days, transactions and total are those of daily_transaction_summary",
        run_query(companies),
        ["charges", "days", "transactions", "total"],
    ) %}
    {% do print_table(
        "daily_transaction_summary in all",
        run_query(summary),
        ["rows", "transactions", "total"],
    ) %}
    {% do print_table(
        "daily_transaction_summary, newest rows",
        run_query(newest),
        ["total_amount", "transaction_count"],
    ) %}
{% endmacro %}
