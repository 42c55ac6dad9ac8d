copy raw.rejected_rows (load_id, row_number, reason, record) from stdin with (format text, encoding 'UTF8')
