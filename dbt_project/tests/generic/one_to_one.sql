{% test one_to_one(model, column, other_column) %}

    with

        news as (select * from {{ model }} where {{ is_unverified("load_id") }}),

        -- Grouped rather than joined with itself: a placeholder may be the id of every row.
        shared as (

            select {{ column }}
            from {{ model }}
            where {{ column }} in (select {{ column }} from news)
            group by {{ column }}
            having min({{ by_bytes(other_column) }}) <> max({{ by_bytes(other_column) }})

        )

    select news.load_id, news.row_number, news.{{ column }}, news.{{ other_column }}
    from news
    inner join shared on news.{{ column }} = shared.{{ column }}

{% endtest %}
