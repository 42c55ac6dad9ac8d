{% macro by_bytes(text) -%} {{ return(adapter.dispatch("by_bytes")(text)) }} {%- endmacro %}

{% macro postgres__by_bytes(text) -%} {{ text }} collate "C" {%- endmacro %}

{% macro spark__by_bytes(text) -%} {{ text }} {%- endmacro %}
