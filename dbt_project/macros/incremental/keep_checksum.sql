{% macro keep_checksum() %}
    {% if stays_in_place() %}
        comment on table {{ this }} is '{{ model.checksum.checksum }}'
    {% endif %}
{% endmacro %}
