{% macro spark__require_supported_server() %}
    {% if execute %}
        {% set version = run_query("select version()").rows[0][0].split() | first %}
        {% if version.split(".") | first | int < 4 %}
            {{
                exceptions.raise_compiler_error(
                    "This is Spark " ~ version ~ ", but Spark 4 or newer is needed."
                )
            }}
        {% endif %}
        {% set required = {
            "spark.sql.timestampType": "TIMESTAMP_NTZ",
            "spark.sql.session.timeZone": "UTC",
        } %}
        {% for name, value in required.items() %}
            {% set found = run_query("set " ~ name).rows[0][1] %}
            {% if found != value %}
                {{
                    exceptions.raise_compiler_error(
                        name
                        ~ " is "
                        ~ found
                        ~ " in this session, but must be "
                        ~ value
                        ~ ": set it in server_side_parameters of the profile."
                    )
                }}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}
