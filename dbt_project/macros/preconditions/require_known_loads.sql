{% macro require_known_loads() %}
    {% set loads, known_loads = source("raw", "loads"), ref("stg_loads") %}
    {% set models = [ref("stg_transactions"), ref("int_company_names"), ref("charges")] %}
    {% if execute and stays_in_place() and load_relation(known_loads) is not none %}
        {% set question %}
            with
                loads as (select * from {{ loads }}),
                known_loads as (select * from {{ known_loads }})

            select min(loads.load_id)
            from loads
            left join
                known_loads
                on loads.load_id = known_loads.load_id
                and {{ without_zone("loads.finished_at") }} = known_loads.arrived_at
            where
                loads.load_id <= (select max(load_id) from known_loads)
                and known_loads.load_id is null
        {% endset %}
        {% set load_id = run_query(question).rows[0][0] %}
        {% if load_id is not none and flags.FULL_REFRESH %}
            {# It may be killed once stg_loads knows the other load: then no model may go on from what it has. #}
            {% for model in models if load_relation(model) is not none %}
                {% do run_query(
                    "begin; comment on table " ~ model ~ " is 'of other loads'; commit"
                ) %}
            {% endfor %}
        {% elif load_id is not none %}
            {{
                exceptions.raise_compiler_error(
                    "Load "
                    ~ load_id
                    ~ " is another one than when the models were built, so the raw schema was made anew or restored: "
                    ~ "judge all rows anew by `dbt build --full-refresh`."
                )
            }}
        {% endif %}
    {% endif %}
{% endmacro %}
