{% macro escape_bytes(bytes) -%}
    {{ return(adapter.dispatch("escape_bytes")(bytes)) }}
{%- endmacro %}

{% macro postgres__escape_bytes(bytes) -%} encode({{ bytes }}, 'escape') {%- endmacro %}

{# Latin-1 gives each byte a character of its own, whose number is the byte. #}
{% macro spark__escape_bytes(bytes) -%}
    array_join(
        transform(
            split(decode({{ bytes }}, 'ISO-8859-1'), ''),
            character -> case
                when character = ''
                then ''
                when character = char(92)
                then concat(char(92), char(92))
                when ascii(character) between 1 and 127
                then character
                else concat(char(92), lpad(conv(ascii(character), 10, 8), 3, '0'))
            end
        ),
        ''
    )
{%- endmacro %}
