select coalesce(max(scale({column})), 0) from {relation}
