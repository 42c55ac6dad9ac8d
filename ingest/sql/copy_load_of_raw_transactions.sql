copy (select * from raw.raw_transactions where _load_id = {load_id} order by _row_number)
to stdout with (format csv, encoding 'UTF8')
