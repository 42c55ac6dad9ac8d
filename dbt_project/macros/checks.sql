{# What tests have seen and what they refused, as rows of tables beside the models. #}
{# A load is verified once a run has followed all of its rows: see finish_checks. #}
{% macro is_unverified(load_id) %}
    {% set loads, verified = ref("stg_loads"), own_relation("verified_loads") %}
    {% if var("audit") or target.type != "postgres" -%} true
    {%- elif execute -%}
        {% if not is_there(loads) or not is_there(verified) %} {{ return("true") }}
        {% endif %}
        {% set question %}
            select min(load_id) filter (where verified.load_id is null), max(load_id)
            from {{ loads.render() }} as loads
            left join {{ verified }} as verified using (load_id, arrived_at)
        {% endset %}
        {% set first_load, last_load = run_query(question).rows[0].values() %}
        {{-
            (
                load_id ~ " between " ~ first_load ~ " and " ~ last_load
                if first_load is not none
                else "false"
            )
        }}
    {%- endif %}
{% endmacro %}

{# Which loads the tests of this run are going to look at; another build may add more meanwhile. #}
{% macro begin_checks(loads) %}
    {% if keeps_checks() and is_there(loads) %}
        insert into {{ own_relation("check_runs") }} (run_id, last_load_id)
        select '{{ invocation_id }}', max(load_id) from {{ loads.render() }}
        on conflict (run_id) do update set last_load_id = excluded.last_load_id
    {% endif %}
{% endmacro %}

{% macro finish_checks(results) %}
    {% set loads = ref("stg_loads") %}
    {% if keeps_checks() %}
        {% set statuses = {} %}
        {% for result in results if result.node.resource_type == "test" %}
            {% do statuses.update({result.node.unique_id: result.status | string}) %}
        {% endfor %}
        {% set follow_rows = [] %}
        {% for test in graph.nodes.values()
            if test.resource_type == "test" and "reconciliation" in test.tags %}
            {% do follow_rows.append(statuses.get(test.unique_id, "left out")) %}
        {% endfor %}
        {% set ended = statuses.values() | list + follow_rows %}
        {% if follow_rows and not ended | reject("in", ["pass", "warn"]) | list and is_there(
            loads
        ) %}
            insert into {{ own_relation("verified_loads") }} (load_id, arrived_at)
            select load_id, arrived_at
            from {{ loads.render() }}
            where load_id <= (select last_load_id from {{ own_relation("check_runs") }} where run_id = '{{ invocation_id }}')
            on conflict (load_id) do update set arrived_at = excluded.arrived_at
            where verified_loads.arrived_at <> excluded.arrived_at
            ;
        {% endif %}
        delete from {{ own_relation("check_runs") }}
        where run_id = '{{ invocation_id }}' or began_at < now() - interval '7 days'
        ;
        {% for id, status in statuses.items() if status in ("fail", "error") %}
            insert into {{ own_relation("refusals") }} (test) values ({{ dbt.string_literal(id) }}) on conflict do nothing
            ;
        {% endfor %}
        {% for id, status in statuses.items() if status in ("pass", "warn") %}
            delete from {{ own_relation("refusals") }}
            where test = {{ dbt.string_literal(id) }}
            ;
        {% endfor %}
    {% endif %}
{% endmacro %}

{# Whether this run tests, in a schema where we may keep what it saw. #}
{% macro keeps_checks() %}
    {% if not execute or target.type != "postgres" or flags.WHICH not in ("build", "test") %}
        {{ return(false) }}
    {% endif %}
    {% set question %}
        select coalesce(bool_and(coalesce(has_table_privilege(to_regclass(name)::oid, privilege), false)), false)
        from
            unnest(
                array[
                    '{{ own_relation("check_runs") }}',
                    '{{ own_relation("refusals") }}',
                    '{{ own_relation("verified_loads") }}'
                ]
            ) as name,
            unnest(array['insert', 'update', 'delete']) as privilege
    {% endset %}
    {{ return(run_query(question).rows[0][0]) }}
{% endmacro %}

{# A build of some models runs only the tests of these, so it asks what the others have refused. #}
{% macro require_no_refusal() %}
    {% if changes_relations() and model.config.materialized == "incremental" %}
        {% set marts = (
            graph.nodes.values()
            | selectattr("resource_type", "equalto", "model")
            | selectattr("fqn.1", "equalto", "marts")
            | map(attribute="unique_id")
            | list
        ) %}
        {% for (id,) in run_query("select test from " ~ own_relation("refusals")).rows
            if id in graph.nodes and id not in selected_resources %}
            {% set test = graph.nodes[id] %}
            {# One that reads a mart comes too late to stop it. One whose models are all built was excluded on purpose. #}
            {% if (
                not test.depends_on.nodes | select("in", marts) | list
                and test.depends_on.nodes | reject("in", selected_resources) | list
            ) %}
                {{
                    exceptions.raise_compiler_error(
                        "The test "
                        ~ test.name
                        ~ " has refused the loaded rows and has not passed since: correct or remove the load and run "
                        ~ "`dbt build`, or publish nevertheless with `dbt build --exclude "
                        ~ test.name
                        ~ "`."
                    )
                }}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}
