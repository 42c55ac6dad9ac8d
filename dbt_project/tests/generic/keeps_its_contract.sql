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
        {# Of which columns, and the condition of a row that breaks it. #}
        {% set broken = [] %}
        {% for column in node.columns.values() %}
            {% set name = column.name %}
            {% set type = adapter.dispatch("engine_type")(column.data_type) %}
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
                {% do broken.append((name, "length(" ~ name ~ ") > " ~ column.data_type[8:-1])) %}
            {% endif %}
            {% for constraint in column.constraints %}
                {% if constraint.type == "primary_key" %} {% do primary_keys.append([name]) %}
                {% elif constraint.type == "not_null" %}
                    {% do broken.append((name, name ~ " is null")) %}
                {% elif constraint.type == "check" %}
                    {% do broken.append((name, "not (" ~ constraint.expression ~ ")")) %}
                {% endif %}
            {% endfor %}
        {% endfor %}
        {% for columns in primary_keys %}
            {% set key = columns | join(", ") %}
            {% for name in columns %} {% do broken.append((name, name ~ " is null")) %} {% endfor %}
            {% do broken.append((key, "true group by " ~ key ~ " having count(*) > 1")) %}
        {% endfor %}
        {% for name, condition in broken %}
            {% do problems.append(
                "select '"
                ~ name
                ~ " breaks the contract' as problem from "
                ~ model
                ~ " where "
                ~ condition
            ) %}
        {% endfor %}
    {% endif %}
    {{ problems | join(" union all ") or "select 'nothing' as problem where false" }}

{% endtest %}
