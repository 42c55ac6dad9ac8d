-- How soon the server ends a transaction whose client is lost, and with it the locks of the transaction. What the server,
-- the database, the role or PGOPTIONS sets stays as it is.
select set_config(settings.name, ours.value, true)
from pg_settings as settings
inner join
    (
        values
            ('tcp_keepalives_idle', %(idle)s),
            ('tcp_keepalives_interval', %(interval)s),
            ('tcp_keepalives_count', %(count)s),
            ('tcp_user_timeout', %(user_timeout)s),
            -- A statement that runs does not listen to its client by itself.
            ('client_connection_check_interval', %(idle)s),
            -- For a client that is there and does nothing. COPY that waits for its client is not idle.
            ('idle_in_transaction_session_timeout', %(idle_in_transaction)s)
    ) as ours (name, value)
    on settings.name = ours.name
where settings.source = 'default'
