{% macro vanished_loads(loads) %}
    {% set question %}
        with recursive

            -- One look into the index for each load; `select distinct` would read every row.
            held as (

                (select min(load_id) as load_id from {{ this }})
                union all
                (
                    select (select min(load_id) from {{ this }} where load_id > held.load_id)
                    from held
                    where held.load_id is not null
                )

            )

        select load_id
        from held
        where load_id is not null and load_id not in (select load_id from {{ loads }})
    {% endset %}
    {{
        return(
            (run_query(question).columns[0].values() | join(", ") if execute else "") or "null"
        )
    }}
{% endmacro %}
