-- Which migrations were applied, so that the next one knows what it finds.
create table raw.schema_version (
    version integer primary key,
    migration text not null,
    applied_at timestamptz not null default transaction_timestamp()
);
