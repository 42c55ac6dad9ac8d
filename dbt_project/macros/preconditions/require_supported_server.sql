{% macro require_supported_server() %}
    {% if execute and target.type == "postgres" %}
        {% set version = run_query("show server_version_num").rows[0][0] | int // 10000 %}
        {% if version < 17 %}
            {{
                exceptions.raise_compiler_error(
                    "This server is PostgreSQL "
                    ~ version
                    ~ ", but PostgreSQL 17 or newer is needed: upgrade it, "
                    ~ "or unset the PG* variables to use the embedded server."
                )
            }}
        {% endif %}
    {% endif %}
{% endmacro %}
