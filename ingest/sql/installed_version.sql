-- Which tables are there tells the versions apart that recorded none.
select
    case
        when to_regclass('raw.schema_version') is not null then 2
        when to_regclass('raw.rejected_rows') is not null then 1
        else 0
    end
