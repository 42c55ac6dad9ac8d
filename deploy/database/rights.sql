-- Who may do what. What is not granted here nobody may do but the owner, and the superuser inside the container.

alter database warehouse owner to warehouse_owner;
revoke all on database warehouse from public;
grant connect on database warehouse to migrator, loader, transformer, reporter;
revoke all on schema public from public;
-- Large objects belong to no schema, so no backup holds them. Everyone may make them unless told otherwise.
revoke execute on function lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), lo_open(oid, integer) from public;
revoke execute on function lowrite(integer, bytea), lo_put(oid, bigint, bytea), lo_truncate(integer, integer) from public;

-- A new database gets the raw schema as it was first released; `python -m ingest migrate` brings it up to date.
select to_regclass('raw.loads') is null as is_new
\gset
\if :is_new
    set role warehouse_owner;
    \ir 001_raw_schema.sql
    create schema if not exists analytics;
    reset role;
\endif

-- The loader appends, and deletes a load that it replaces. It never edits a row.
grant usage on schema raw to loader;
grant select, insert, delete on raw.loads, raw.raw_transactions, raw.rejected_rows to loader;
grant usage, update on all sequences in schema raw to loader;

-- The transformer reads raw, and makes and owns everything in analytics.
grant usage on schema raw to transformer;
grant select on all tables in schema raw to transformer;
grant usage, create on schema analytics to transformer;
grant temporary on database warehouse to transformer;

-- The reporter reads analytics, and which files were loaded when.
grant usage on schema analytics, raw to reporter;
grant select on raw.loads to reporter;
grant select on all tables in schema analytics to reporter;
alter default privileges for role transformer in schema analytics grant select on tables to reporter;

-- The loader's program records its runs, which the reporter shows. A new database gets the table and these rights by
-- its migrations.
select to_regclass('raw.runs') is not null as has_runs
\gset
\if :has_runs
    grant insert, update on raw.runs to loader;
    grant select on raw.runs to reporter;
\endif

-- What migrations add to raw may be read; a table that is to be written says so itself.
alter default privileges for role warehouse_owner in schema raw grant select on tables to loader, transformer;
