{# Tables that PostgreSQL changes in place: never dropped by a build, so what depends on them stays.
   docs/incremental.md explains what these macros are for. #}
{% macro in_place() %}
    {{ return("incremental" if target.type == "postgres" else "table") }}
{% endmacro %}

{% macro changes_relations() %}
    {{ return(execute and target.type == "postgres" and flags.WHICH in ("build", "run")) }}
{% endmacro %}

{% macro own_relation(identifier) %}
    {{
        return(
            api.Relation.create(
                database=target.database | default(none),
                schema=target.schema,
                identifier=identifier,
            )
        )
    }}
{% endmacro %}

{% macro is_there(relation, kinds="rvmfp") %}
    {% set question %}
        select 1 from pg_class where oid = to_regclass('{{ relation.render() }}') and strpos('{{ kinds }}', relkind::text) > 0
    {% endset %}
    {{ return(run_query(question).rows | length > 0) }}
{% endmacro %}

{% macro wait_for_other_builds() %}
    {# Not a lock on the table, which would keep vacuum out too. #}
    {% if changes_relations() %}
        select pg_advisory_xact_lock(hashtextextended('{{ this.render() }}', 0))
    {% endif %}
{% endmacro %}

{# Companies cannot be deleted before their charges, so charges does it. #}
{% macro delete_vanished_companies() %}
    {% set companies, known_companies = ref("companies"), ref("int_companies") %}
    {% if changes_relations() and companies.schema == this.schema and is_there(companies, "r") %}
        delete from {{ companies.render() }} as vanished
        where
            not exists (
                select 1
                from {{ known_companies.render() }} as known
                where known.company_id = vanished.company_id
            )
    {% endif %}
{% endmacro %}
