copy (select * from raw.rejected_rows where load_id = {load_id} order by row_number)
to stdout with (format csv, encoding 'UTF8')
