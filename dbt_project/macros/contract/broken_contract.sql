{% macro broken_contract(relation, name, condition) -%}
    select '{{ name }} breaks the contract' as problem from {{ relation }} where {{ condition }}
{%- endmacro %}
