{# What is new since the last build, and what it touches. docs/incremental.md explains it. #}
{% macro builds_on_what_is_there() %}
    {# A unit test has no table. The rules of a model are its statement as if nothing were there. #}
    {{
        return(
            this is not none
            and is_incremental()
            and flags.WHICH in ("build", "run")
            and not flags.FULL_REFRESH
            and not context.get("as_if_nothing_were_there")
        )
    }}
{% endmacro %}

{% macro newest_load() %}
    {# PostgreSQL would guess how many rows `> (select max(...))` leaves, and guess badly: so it is asked beforehand. #}
    {% if execute and builds_on_what_is_there() %}
        {{ return(run_query("select coalesce(max(load_id), 0) from " ~ this).columns[0][0]) }}
    {% endif %}
    {{ return(0) }}
{% endmacro %}

{% macro vanished_loads() %}
    {% set loads = ref("stg_loads") %}
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
        where
            load_id is not null
            and not exists (select 1 from {{ loads.render() }} as loads where loads.load_id = held.load_id)
    {% endset %}
    {% if execute and builds_on_what_is_there() %}
        {{ return(run_query(question).columns[0].values() | join(", ") or "null") }}
    {% endif %}
    {{ return("null") }}
{% endmacro %}

{# `loads` is for dbt, which does not see that vanished_loads reads them. #}
{% macro list_touched_charges(transactions, loads) %}
    {% if changes_relations() and builds_on_what_is_there() %}
        -- PostgreSQL's own is for spinning disks, and would look up a few ids by reading whole
        -- tables.
        set local random_page_cost = 1.1
        ;

        create temporary table touched_charges on commit drop as
        select charge_id as id
        from {{ transactions }}
        where load_id > {{ newest_load() }}

        union

        select charge_id
        from {{ transactions }}
        where not is_settled

        union

        select id
        from {{ this }}
        where load_id in ({{ vanished_loads() }})
        ;
    {% endif %}
{% endmacro %}

{# PostgreSQL would not, for fear of handing the rows on. #}
{% macro use_all_cores() %}
    {% if changes_relations() %} set local parallel_tuple_cost = 0 {% endif %}
{% endmacro %}
