{% macro keep_to_the_rules(code, relations) %}
    {% if execute and stays_in_place() %}
        {% set sources = [] %}
        {% for relation in relations %}
            {% do sources.append("'" ~ relation ~ "'::regclass") %}
        {% endfor %}
        {# What this model says, whatever its configuration and whichever load comes next, what a view says, and what a
           table was built by. #}
        {% set query = modules.re.sub("(?s)^.*?\nwith", "with", code) %}
        {% set own_rules = modules.re.sub("load_id > [0-9]+", "load_id > ", query) %}
        {% set question %}
            select
                obj_description('{{ this }}'::regclass, 'pg_class') as known_rules,
                md5(
                    '{{ local_md5(own_rules) }}'
                    || string_agg(
                        case
                            when relkind = 'v' then pg_get_viewdef(oid) else obj_description(oid, 'pg_class')
                        end,
                        ','
                        order by relname
                    )
                ) as rules
            from pg_class
            where oid in ({{ sources | join(", ") }})
        {% endset %}
        {% set known_rules, rules = run_query(question).rows[0].values() %}
        {% if known_rules != rules and known_rules is not none and not flags.FULL_REFRESH %}
            {{
                exceptions.raise_compiler_error(
                    "The rules behind "
                    ~ this.identifier
                    ~ " have changed since it was built: judge all rows anew by `dbt build --full-refresh`."
                )
            }}
        {% endif %}
        {% if known_rules != rules %} comment on table {{ this }} is '{{ rules }}' {% endif %}
    {% endif %}
{% endmacro %}
