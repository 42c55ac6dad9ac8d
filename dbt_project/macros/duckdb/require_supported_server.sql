{% macro duckdb__require_supported_server() %}
    {% if execute %}
        {% set question %} select version(), current_setting('TimeZone') {% endset %}
        {% set version, time_zone = run_query(question).rows[0].values() %}
        {% if modules.re.search("[0-9]+", version).group() | int < 2 %}
            {{
                exceptions.raise_compiler_error(
                    "This is DuckDB " ~ version ~ ", but DuckDB 2 or newer is needed."
                )
            }}
        {% elif time_zone != "UTC" %}
            {{
                exceptions.raise_compiler_error(
                    "TimeZone is "
                    ~ time_zone
                    ~ " in this session, but must be UTC: set it in settings of the profile."
                )
            }}
        {% endif %}
        {{ require_time_zone() }}
    {% endif %}
{% endmacro %}
