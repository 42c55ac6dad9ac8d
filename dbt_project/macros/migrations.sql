{# The tables that builds keep beside the models, and the changes of marts, which stay in place: dbt itself never alters
   the columns, constraints or indexes of a table that stays. docs/operations.md describes upgrades. #}
{% macro mart_migrations() %}
    {# The first is version 2: version 1 is the first release. A released one is never edited. #}
    {{ return([mart_migration_002(), mart_migration_003()]) }}
{% endmacro %}

{% macro migrate_marts() %}
    {% if changes_relations() %}
        {% do run_query(tables_of_builds()) %}
        {% set migrations = mart_migrations() %}
        {% set newest = migrations | length + 1 %}
        {% set versions = own_relation("schema_version") %}
        {% set recorded = run_query("select coalesce(max(version), 0) from " ~ versions).rows[0][
            0
        ] %}
        {% set there = [] %}
        {% set missing = [] %}
        {% for mart in ("companies", "charges", "rejected_transactions") %}
            {% set list = there if is_there(own_relation(mart), "r") else missing %}
            {% do list.append(own_relation(mart)) %}
        {% endfor %}
        {# The models make new marts as they are today. #}
        {% set installed = [recorded, 1] | max if there else newest %}
        {% if recorded > newest %}
            {{
                exceptions.raise_compiler_error(
                    "The marts have version "
                    ~ recorded
                    ~ ", but these models support "
                    ~ newest
                    ~ " at most: use newer models."
                )
            }}
        {% elif recorded == 0 and there and not is_there(own_relation("stg_loads"), "r") %}
            {{
                exceptions.raise_compiler_error(
                    there
                    | join(", ")
                    ~ " exists already and was not built by these models, so it was left alone: "
                    ~ "build in another schema (set DBT_SCHEMA to its name and add `--target dev`) or in another database."
                )
            }}
        {% elif recorded < newest and there and missing %}
            {{
                exceptions.raise_compiler_error(
                    "Some marts are missing, so the others cannot be migrated: drop those "
                    ~ "(drop table "
                    ~ there
                    | join(", ") ~ " cascade) and rebuild all marts with `dbt build`."
                )
            }}
        {% elif recorded < newest %}
            {% set statements %}
                insert into {{ versions }} (version) values ({{ installed }}) on conflict do nothing
                ;
                {% for migration in migrations[installed - 1 :] %}
                    {{ migration }}
                    ;
                    insert into {{ versions }} (version) values ({{ installed + loop.index }})
                    ;
                {% endfor %}
            {% endset %}
            {% do run_query("begin; " ~ when_nobody_reads(statements) ~ "; commit") %}
        {% endif %}
    {% endif %}
{% endmacro %}

{% macro tables_of_builds() %}
    begin
    ;
    -- `if not exists` alone lets one of two builds at once fail.
    select pg_advisory_xact_lock(hashtextextended('{{ own_relation("model_rules") }}', 0))
    ;
    create table if not exists {{ own_relation("schema_version") }} (
        version integer primary key, applied_at timestamptz not null default transaction_timestamp()
    )
    ;
    create table if not exists {{ own_relation("model_rules") }} (
        model text primary key, rules text not null, recorded_at timestamptz not null default transaction_timestamp()
    )
    ;
    create table if not exists {{ own_relation("verified_loads") }} (
        load_id bigint primary key, arrived_at timestamp not null
    )
    ;
    create table if not exists {{ own_relation("check_runs") }} (
        run_id text primary key,
        last_load_id bigint,
        began_at timestamptz not null default transaction_timestamp()
    )
    ;
    create table if not exists {{ own_relation("refusals") }} (
        test text primary key, refused_at timestamptz not null default transaction_timestamp()
    )
    ;
    commit
{% endmacro %}
