{% macro keep_to_the_rules(code, relations) %}
    {% if execute and stays_in_place() %}
        {% set sources = [] %}
        {% for relation in relations %}
            {% do sources.append("'" ~ relation ~ "'::regclass") %}
        {% endfor %}
        {# What this model says, whatever its configuration, its place and whichever load comes next, and the digests of
           what it reads. #}
        {% set query = modules.re.sub("(?s)^.*?\nwith", "with", code) %}
        {% set query = (
            query
            | replace('"' ~ this.database ~ '".', "")
            | replace('"' ~ this.schema ~ '".', "")
        ) %}
        {% set own_rules = modules.re.sub("load_id > [0-9]+", "load_id > ", query) %}
        {% set question %}
            select
                to_regclass('{{ this }}') is not null as is_built,
                obj_description(to_regclass('{{ this }}'), 'pg_class') as known_rules,
                md5(
                    '{{ local_md5(own_rules) }}'
                    || string_agg(obj_description(oid, 'pg_class'), ',' order by relname)
                ) as rules
            from pg_class
            where oid in ({{ sources | join(", ") }})
        {% endset %}
        {% set is_built, known_rules, rules = run_query(question).rows[0].values() %}
        {% if known_rules != rules and known_rules is not none and not flags.FULL_REFRESH %}
            {{
                exceptions.raise_compiler_error(
                    "The rules behind "
                    ~ this.identifier
                    ~ " have changed since it was built: judge all rows anew by `dbt build --full-refresh`."
                )
            }}
        {% endif %}
        {% if is_built and known_rules != rules %}
            comment on {{ "view" if model.config.materialized == "view" else "table" }} {{ this }} is '{{ rules }}'
        {% endif %}
    {% endif %}
{% endmacro %}
