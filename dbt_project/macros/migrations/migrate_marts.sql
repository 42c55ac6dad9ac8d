{% macro migrate_marts() %}
    {% set charges = ref("charges") %}
    {# All that a migration may name: dbt does not look for the dependencies of a hook anew when a macro is added. #}
    {% set marts = [ref("companies"), charges, ref("rejected_transactions")] %}
    {% set versions = charges.incorporate(path={"identifier": "schema_version"}) %}
    {# Rendered while dbt parses too, so that it knows what they refer to. #}
    {% set migrations = mart_migrations() %}
    {% set newest = migrations | length + 1 %}
    {% if execute and stays_in_place() %}
        {% set recorded = (
            run_query("select max(version) from " ~ versions).rows[0][0] | int
            if load_relation(versions) is not none
            else 0
        ) %}
        {% set there = [] %}
        {% for mart in marts if load_relation(mart) is not none %}
            {% do there.append(mart) %}
        {% endfor %}
        {# The models make new marts as they are today. #}
        {% set installed = [recorded, 1] | max if there else newest %}
        {% if recorded < newest and 0 < there | length < marts | length %}
            {{
                exceptions.raise_compiler_error(
                    "Some marts are missing, so the others cannot be brought up to date: drop those "
                    ~ "(drop table "
                    ~ there
                    | join(", ") ~ " cascade), and build all of them anew by `dbt build`."
                )
            }}
        {% endif %}
        {% if recorded > newest %}
            {{
                exceptions.raise_compiler_error(
                    "The marts have version "
                    ~ recorded
                    ~ " and these models know "
                    ~ newest
                    ~ " at most: use newer models."
                )
            }}
        {% endif %}
        {% set statements %}
            begin
            ;
            create table if not exists {{ versions }} (
                version integer primary key, applied_at timestamptz not null default transaction_timestamp()
            )
            ;
            insert into {{ versions }} (version) values ({{ installed }}) on conflict do nothing
            ;
            {% for migration in migrations[installed - 1 :] %}
                {{ migration }}
                ;
                insert into {{ versions }} (version) values ({{ installed + loop.index }})
                ;
            {% endfor %}
            commit
        {% endset %}
        {# Here and not as the hook's own statements: dbt would go on to the models if those failed. #}
        {% if recorded < newest %} {% do run_query(statements) %} {% endif %}
    {% endif %}
{% endmacro %}

{% macro mart_migrations() %}
    {% set found = [] %}
    {% for version in range(2, 1000) %}
        {% set migration = context.get("mart_migration_%03d" % version) %}
        {% if migration %} {% do found.append(migration()) %} {% endif %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}
