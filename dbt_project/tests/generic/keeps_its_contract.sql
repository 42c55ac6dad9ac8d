{% test keeps_its_contract(model) %}

    {% set problems = [] %}
    {% if execute %}
        {% set node = (
            graph.nodes.values()
            | selectattr("resource_type", "equalto", "model")
            | selectattr("alias", "equalto", model.identifier)
            | first
        ) %}
        {% set types = {} %}
        {% for column in adapter.get_columns_in_relation(model) %}
            {% do types.update({column.name: column.dtype}) %}
        {% endfor %}
        {% set primary_keys = [] %}
        {% for constraint in node.constraints if constraint.type == "primary_key" %}
            {% do primary_keys.append(constraint.columns) %}
        {% endfor %}

        {% if types.keys() | list != node.columns.keys() | list %}
            {% do problems.append("select 'other columns than in the contract' as problem") %}
        {% endif %}
        {% for column in node.columns.values() %}
            {% set name, type = column.name, engine_type(column.data_type) %}
            {% if types.get(name) != type %}
                {% do problems.append(
                    "select '"
                    ~ name
                    ~ " is "
                    ~ types.get(name)
                    ~ " and not "
                    ~ type
                    ~ "' as problem"
                ) %}
            {% endif %}
            {% if column.data_type.startswith("varchar") %}
                {% set longest = column.data_type[8:-1] %}
                {% do problems.append(
                    broken_contract(model, name, "length(" ~ name ~ ") > " ~ longest)
                ) %}
            {% endif %}
            {% for constraint in column.constraints %}
                {% if constraint.type == "primary_key" %} {% do primary_keys.append([name]) %}
                {% elif constraint.type == "not_null" %}
                    {% do problems.append(broken_contract(model, name, name ~ " is null")) %}
                {% elif constraint.type == "check" %}
                    {% do problems.append(
                        broken_contract(model, name, "not (" ~ constraint.expression ~ ")")
                    ) %}
                {% endif %}
            {% endfor %}
        {% endfor %}
        {% for columns in primary_keys %}
            {% set key = columns | join(", ") %}
            {% for name in columns %}
                {% do problems.append(broken_contract(model, name, name ~ " is null")) %}
            {% endfor %}
            {% do problems.append(
                broken_contract(
                    model, key, "true group by " ~ key ~ " having count(*) > 1"
                )
            ) %}
        {% endfor %}
    {% endif %}
    {{ problems | join(" union all ") or "select 'nothing' as problem where false" }}

{% endtest %}
