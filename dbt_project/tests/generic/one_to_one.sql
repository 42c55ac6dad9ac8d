{% test one_to_one(model, column, other_column, condition) %}

    {% set is_new = is_unverified("load_id") %}
    {% set is_partly_new = is_new not in ("true", "false") %}
    {# Asked once: where there is nothing older, no value is looked up. #}
    {% set anything_is_older -%}
        exists (select 1 from {{ model }} where not ({{ is_new }}))
    {%- endset %}
    with

        -- Of all rows, whatever the condition: an index alone tells. Sorted, since PostgreSQL would
        -- otherwise read the table.
        repeated as (

            select {{ column }}
            from {{ model }}
            group by {{ column }}
            having count(*) > 1
            order by {{ column }}

        ),

        -- Where nothing is older, only rows with a repeated value. All rows are new then. Were the
        -- condition repeated, PostgreSQL would expect hardly any rows of loads that it has no
        -- statistics of, and might compare each row with each repeated value.
        suspects as (

            {% if is_new != "true" %}
                select {{ column }}, {{ other_column }}, load_id
                from {{ model }}
                where
                    {{ condition }} and {{ is_new }}
                    {% if is_partly_new %} and {{ anything_is_older }} {% endif %}
            {% endif %}

            {% if is_partly_new %}
                union all
            {% endif %}

            {% if is_new != "false" %}
                select {{ column }}, {{ other_column }}, load_id
                from {{ model }}
                inner join repeated using ({{ column }})
                where
                    {{ condition }}
                    {% if is_partly_new %} and not {{ anything_is_older }} {% endif %}
            {% endif %}

        ),

        -- Grouped rather than joined with itself: a placeholder may be the id of every row, which
        -- would be too many pairs. By an expression, since PostgreSQL would read all rows in the
        -- order of the column's index, which is a random one.
        news as (

            select
                {{ column }} || '' as {{ column }},
                min({{ other_column }}) as smallest,
                max({{ other_column }}) as greatest,
                min(load_id) as load_id
            from suspects
            group by {{ column }} || ''

        ),

        shared as (

            select *
            from news
            where
                smallest <> greatest
                {% if is_partly_new %}
                    or (
                        {{ anything_is_older }}
                        and exists (
                            select 1
                            from {{ model }}
                            where
                                {{ condition }}
                                and {{ column }} = news.{{ column }}
                                and {{ other_column }} <> news.smallest
                        )
                    )
                {% endif %}

        )

    select
        shared.load_id,
        (
            select min(row_number)
            from {{ model }}
            where
                {{ condition }} and {{ column }} = shared.{{ column }} and load_id = shared.load_id
        ) as row_number,
        shared.{{ column }},
        shared.smallest as {{ other_column }},
        shared.greatest as another
    from shared

{% endtest %}
