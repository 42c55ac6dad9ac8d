{% test one_to_one(model, column, other_column) %}

    select {{ column }}, min({{ other_column }}) as one, max({{ other_column }}) as another
    from {{ model }}
    group by {{ column }}
    having min({{ other_column }}) <> max({{ other_column }})

{% endtest %}
