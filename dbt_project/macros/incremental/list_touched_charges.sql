{% macro list_touched_charges(transactions, loads) %}
    {% if builds_on_what_is_there() %}
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
        where load_id in ({{ vanished_loads(loads) }})
        ;
    {% endif %}
{% endmacro %}
