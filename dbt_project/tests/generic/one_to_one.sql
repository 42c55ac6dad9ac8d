{% test one_to_one(model, column, other_column) %}

    select news.{{ column }}, news.{{ other_column }} as one, known.{{ other_column }} as another
    from (select * from {{ model }}) as news
    inner join (select * from {{ model }}) as known on news.{{ column }} = known.{{ column }}
    where
        news.{{ other_column }} <> known.{{ other_column }} and {{ is_unverified("news.load_id") }}

{% endtest %}
