{% test one_to_one(model, column, other_column) %}

    with

        -- Grouped, and then compared with what differs: a placeholder may be the id of every row,
        -- which would be too many pairs. By an expression, since PostgreSQL would read all rows in
        -- the order of the column's index, which is a random one.
        news as (

            select
                {{ column }} || '' as {{ column }},
                min({{ other_column }}) as smallest,
                max({{ other_column }}) as greatest,
                min(load_id) as load_id
            from {{ model }}
            where {{ is_unverified("load_id") }}
            group by {{ column }} || ''

        ),

        shared as (

            select *
            from news
            where smallest <> greatest
            union all
            select *
            from news
            where
                smallest = greatest
                and exists (
                    select 1
                    from {{ model }}
                    where
                        {{ column }} = news.{{ column }}
                        and {{ other_column }} <> news.smallest
                        and not ({{ is_unverified("load_id") }})
                )

        )

    select
        shared.load_id,
        (
            select min(row_number)
            from {{ model }}
            where {{ column }} = shared.{{ column }} and load_id = shared.load_id
        ) as row_number,
        shared.{{ column }},
        shared.smallest as {{ other_column }},
        shared.greatest as another
    from shared

{% endtest %}
