{# A server notices after two hours that a client is gone, unless it is told otherwise, and keeps its locks until then. What
   the server, the database, the role or PGOPTIONS sets stays as it is. For the transaction alone: behind a pooler, the
   session is another client's next. `ingest` does the same. #}
{% macro notice_lost_client() %}
    {% if changes_relations() and target.keepalives_idle %}
        {% set idle = target.keepalives_idle %}
        select set_config(settings.name, ours.value, true)
        from pg_settings as settings
        inner join
            (
                values
                    ('tcp_keepalives_idle', '{{ idle }}s'),
                    ('tcp_keepalives_interval', '{{ [idle // 3, 1] | max }}s'),
                    ('tcp_keepalives_count', '3'),
                    ('tcp_user_timeout', '{{ 2 * idle }}s'),
                    -- A statement that runs does not listen to its client by itself.
                    ('client_connection_check_interval', '{{ idle }}s')
            ) as ours(name, value)
            on settings.name = ours.name
        where settings.source = 'default'
    {% endif %}
{% endmacro %}
