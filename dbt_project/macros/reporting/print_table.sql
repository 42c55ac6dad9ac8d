{% macro print_table(title, table, numbers) %}
    {% set formats = [] %}
    {% for name in table.column_names %}
        {% set cells = table.columns[loop.index0].values() | map("string") | list + [name] %}
        {% set width = cells | map("length") | max %}
        {% do formats.append("%" ~ ("" if name in numbers else "-") ~ width ~ "s") %}
    {% endfor %}
    {% do print("\n" ~ title) %}
    {% for row in [table.column_names] + table.rows | map("list") | list %}
        {% set cells = [] %}
        {% for cell in row %}
            {% do cells.append(formats[loop.index0] | format(cell | string)) %}
        {% endfor %}
        {% do print("  " ~ cells | join("  ")) %}
    {% endfor %}
{% endmacro %}
