wrk.path = "/missing"
