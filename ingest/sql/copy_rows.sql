copy raw.raw_transactions ({columns}, _load_id)
from stdin with (format csv, delimiter {delimiter}, encoding 'UTF8')
