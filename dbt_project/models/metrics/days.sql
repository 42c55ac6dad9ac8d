-- The days that metrics are reported for.
with

    digits as (

        select 0 as digit
        {% for digit in range(1, 10) %}
            union all
            select {{ digit }}
        {% endfor %}

    ),

    numbers as (

        select
            ones.digit
            + 10 * tens.digit
            + 100 * hundreds.digit
            + 1000 * thousands.digit
            + 10000 * ten_thousands.digit as number
        from digits as ones
        cross join digits as tens
        cross join digits as hundreds
        cross join digits as thousands
        cross join digits as ten_thousands

    )

select cast('2000-01-01' as date) + number as date_day
from numbers
where number < 18628
