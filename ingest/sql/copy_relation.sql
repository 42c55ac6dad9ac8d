copy (select * from {relation}) to stdout with (format csv, header {header}, encoding 'UTF8')
