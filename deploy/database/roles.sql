-- Who may log in. Statements with a password in them must not get into the log, not even when they fail.
set log_statement = 'none';
set log_min_error_statement = 'panic';
set log_min_duration_statement = -1;
set client_min_messages = 'warning';

\getenv migrator_password migrator_password
\getenv loader_password loader_password
\getenv transformer_password transformer_password
\getenv reporter_password reporter_password

select format('create role %I', role)
from unnest(array['warehouse_owner', 'migrator', 'loader', 'transformer', 'reporter']) as role
where role not in (select rolname from pg_roles)
\gexec

-- Owns the database and the raw schema. Nobody logs in as it; a migration takes its place for one transaction.
alter role warehouse_owner nologin;

alter role migrator login noinherit connection limit 2 password :'migrator_password';
alter role loader login connection limit 20 password :'loader_password';
alter role transformer login connection limit 20 password :'transformer_password';
alter role reporter login connection limit 40 password :'reporter_password';

grant warehouse_owner to migrator with inherit false, set true;
