-- The newest rows of every reason. What a row says may be a megabyte, so each of its fields is cut.
with

    ranked as (

        select
            load_id,
            row_number,
            row_number() over (partition by reason order by load_id desc, row_number desc) as newest
        from rejected_transactions
        cross join unnest(string_to_array(reasons, ',')) as reason
        where reason <> 'not_a_charge'

    ),

    listed as (select distinct load_id, row_number from ranked where newest <= %(limit)s)

select
    rejected.load_id,
    rejected.row_number,
    rejected.source_name,
    rejected.reasons,
    left(rejected.record, %(characters)s) as record,
    as_it_came.fields,
    coalesce(length(rejected.record) > %(characters)s, false) or as_it_came.is_cut as is_cut
from listed
inner join rejected_transactions as rejected using (load_id, row_number)
-- The file's columns, in the order of the table: all that are not about the row.
cross join
    lateral(
        select
            array_agg(array[name, left(value, %(characters)s)] order by place) as fields,
            coalesce(bool_or(length(value) > %(characters)s), false) as is_cut
        from json_each_text(row_to_json(rejected)) with ordinality as field(name, value, place)
        where name not in ('load_id', 'row_number', 'source_name', 'reasons', 'record')
    ) as as_it_came
order by load_id desc, row_number desc
