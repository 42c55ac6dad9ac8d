copy (select * from {relation} where {load_column} = {load_id} order by {row_column}) to stdout with (format csv, encoding 'UTF8')
