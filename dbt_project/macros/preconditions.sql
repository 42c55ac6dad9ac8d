{# What has to hold before a build begins. Here, and not in hooks of their own: dbt goes on to the models if a hook's own
   statements fail. #}
{% macro require_supported_server() %}
    {{ return(adapter.dispatch("require_supported_server")()) }}
{% endmacro %}

{% macro postgres__require_supported_server() %}
    {% if execute %}
        {% set question %}
            select current_setting('server_version_num')::int / 10000, current_setting('server_encoding')
        {% endset %}
        {% set version, encoding = run_query(question).rows[0].values() %}
        {% if version < 17 %}
            {{
                exceptions.raise_compiler_error(
                    "This server is PostgreSQL "
                    ~ version
                    ~ ", but PostgreSQL 17 or newer is needed: upgrade it, "
                    ~ "or unset the PG* variables to use the embedded server."
                )
            }}
        {% elif encoding != "UTF8" %}
            {{
                exceptions.raise_compiler_error(
                    "The database "
                    ~ target.dbname
                    ~ " has the encoding "
                    ~ encoding
                    ~ ", but the models need UTF8: create another one with "
                    ~ "`create database NAME encoding 'UTF8' template template0` and load the files into it."
                )
            }}
        {% endif %}
        {{ require_time_zone() }}
    {% endif %}
{% endmacro %}

{# The business's, in engines that list what they know. #}
{% macro require_time_zone() %}
    {% set question %}
        select 1 from pg_timezone_names() where name = {{ dbt.string_literal(var("business_time_zone")) }}
    {% endset %}
    {% if not run_query(question).rows %}
        {{
            exceptions.raise_compiler_error(
                "The variable business_time_zone is '"
                ~ var("business_time_zone")
                ~ "', which is not a time zone: use a name such as America/Mexico_City or UTC."
            )
        }}
    {% endif %}
{% endmacro %}

{# Building from nothing would empty the marts. #}
{% macro require_raw_rows() %}
    {% set loads, transactions = source("raw", "loads"), source("raw", "raw_transactions") %}
    {% if execute and flags.WHICH in ("build", "run") %}
        {% set question %}
            select
                (select count(*) from {{ loads.render() }}) > 0
                and (
                    (select sum(rows_loaded) from {{ loads.render() }}) = 0
                    or (
                        select count(*)
                        from (select 1 as one from {{ transactions.render() }} limit 1) as any_row
                    )
                    > 0
                )
        {% endset %}
        {% if flags.EMPTY %}
            {% if load_relation(own_relation("stg_loads")) is not none %}
                {{
                    exceptions.raise_compiler_error(
                        "With --empty the tables of "
                        ~ target.schema
                        ~ " would lose their rows: omit it, or build in an empty schema of your own "
                        ~ "(`--target dev`)."
                    )
                }}
            {% endif %}
            {% elif (
                load_relation(loads) is none
                or load_relation(transactions) is none
                or not run_query(question).rows[0][0]
            ) %}
            {{
                exceptions.raise_compiler_error(
                    "There is nothing to build from in the raw schema: run `python -m ingest load FILE` first"
                    ~ (
                        "."
                        if target.type == "postgres"
                        else ", then `python -m ingest extract --partition-by-load`."
                    )
                )
            }}
            {% elif "meaning" not in adapter.get_columns_in_relation(loads) | map(
                attribute="name"
            ) %}
            {{
                exceptions.raise_compiler_error(
                    "The raw schema is older than these models: run `python -m ingest migrate` first."
                )
            }}
        {% endif %}
    {% endif %}
{% endmacro %}

{# If raw was made anew or restored, a load id may be that of another file now, and the models know loads by their ids. #}
{% macro require_known_loads() %}
    {% set loads, known_loads = source("raw", "loads"), own_relation("stg_loads") %}
    {% if changes_relations() and not flags.EMPTY and is_there(known_loads, "r") %}
        {% set question %}
            select min(loads.load_id)
            from {{ loads }} as loads
            left join
                {{ known_loads }} as known
                on loads.load_id = known.load_id
                and {{ without_zone("loads.finished_at") }} = known.arrived_at
            where
                loads.load_id <= (select max(load_id) from {{ known_loads }})
                and known.load_id is null
        {% endset %}
        {% set load_id = run_query(question).rows[0][0] %}
        {% if load_id is not none and flags.FULL_REFRESH %}
            {# It may be killed once stg_loads knows the other load: then no model may go on from what it has. #}
            {% do run_query("begin; delete from " ~ own_relation("model_rules") ~ "; commit") %}
        {% elif load_id is not none %}
            {{
                exceptions.raise_compiler_error(
                    "Load "
                    ~ load_id
                    ~ " is not the load that the models were built from, so the raw schema was recreated or restored: "
                    ~ "re-evaluate every row with "
                    ~ build_command("--full-refresh")
                    ~ "."
                )
            }}
        {% endif %}
    {% endif %}
{% endmacro %}

{# A build of this project and target, to be copied from a message. #}
{% macro build_command(arguments) %}
    {% set directory = invocation_args_dict.get("project_dir") %}
    {{
        return(
            "`dbt build "
            ~ arguments
            ~ (
                " --project-dir " ~ directory
                if directory and directory != env_var("PWD", "")
                else ""
            )
            ~ (" --target " ~ target.name if target.name != "postgres" else "")
            ~ "`"
        )
    }}
{% endmacro %}
